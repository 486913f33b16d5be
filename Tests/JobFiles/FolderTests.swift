import Foundation
import Testing

@testable import JobFiles

/// Which files of a folder count as job files, and the problems of the others.
@Suite struct FolderTests {
    @Test func allFilesBelowButHiddenOnes() throws {
        let folder = try Folder()
        for path in [
            "b.yml", "a/c.yaml", "a/d/e.yml", ".git/f.yml", ".g.yml", "a/.h/i.yml", "j.txt", "yml",
            "k.yml.bak", "l.yml/m.yml",
        ] {
            try folder.write(path, job: path)
        }
        let loaded = folder.load()
        #expect(loaded.problems.map(\.description) == [])
        #expect(loaded.jobs.map(\.name) == ["a/c.yaml", "a/d/e.yml", "b.yml", "l.yml/m.yml"])
        #expect(loaded.files == 4)
        #expect(
            loaded.places["b.yml"]
                == Place(file: folder.path + "/b.yml", position: Position(line: 2, column: 16)))
    }

    @Test func oneFileOfAnyName() throws {
        let folder = try Folder()
        try folder.write(".job", job: "job")
        #expect(folder.load(".job").jobs.map(\.name) == ["job"])
    }

    @Test func theSameFileTwiceIsReadOnce() throws {
        let folder = try Folder()
        try folder.write("a/b.yml", job: "job")
        let loaded = Reading.files.load(paths: [
            folder.path, folder.path + "/a/", folder.path + "/a/../a/b.yml",
        ])
        #expect(loaded.jobs.count == 1 && loaded.problems == [])
    }

    @Test func aNameIsTakenOnce() throws {
        let folder = try Folder()
        try folder.write("a.yml", job: "job")
        try folder.write("b.yml", job: "job")
        try folder.write("c.yml", text: "scheduler: 'x'\npipeline_name: other")
        try folder.write("d.yml", job: "other")
        let loaded = folder.load()
        #expect(loaded.jobs.map(\.name) == ["job"])
        #expect(!loaded.isUsable)
        #expect(
            folder.described(loaded).filter { $0.contains("taken") } == [
                "b.yml:2:16: the pipeline_name 'job' is taken by a.yml:2:16",
                "d.yml:2:16: the pipeline_name 'other' is taken by c.yml:2:16",
            ])
    }

    @Test func everyProblemOfEveryFile() throws {
        let folder = try Folder()
        try folder.write("c.yml", text: "scheduler: @daily")
        try folder.write("a.yml", text: Reading.base + "x: 1\nnum_retries: x")
        try folder.write("b.yml", job: "good")
        let loaded = Reading.files.load(paths: [folder.path, folder.path + "/nowhere"])
        #expect(loaded.jobs.map(\.name) == ["good"])
        #expect(
            loaded.problems.map { String($0.place.description.dropFirst(folder.path.count + 1)) }
                == ["a.yml:3:1", "a.yml:4:14", "c.yml:1:12", "nowhere"])
    }

    @Test func foldersThatGiveNothing() throws {
        let folder = try Folder()
        #expect(folder.described(folder.load()) == [": warning: no job files in this folder"])
        #expect(folder.load().isUsable)
        #expect(folder.described(folder.load("nowhere")) == ["nowhere: No such file or directory"])
        #expect(Reading.files.load(paths: [""]).problems.map(\.message) == ["No such file or directory"])
        #expect(
            Reading.files.load(paths: ["/dev/null"]).problems.map(\.message) == [
                "neither a file nor a folder"
            ])
        #expect(!folder.load("nowhere").isUsable)
    }

    @Test func whatTheSystemPutsThereIsPassedBy() throws {
        let folder = try Folder()
        for name in ["lost+found", "sub/lost+found", ".git", "..data"] {
            try folder.write(name + "/bad.yml", text: "not a job")
        }
        try folder.write("lost+found.yml", job: "a")
        #expect(folder.described(folder.load()) == [] && folder.load().jobs.map(\.name) == ["a"])
    }

    @Test func whatIsNotAFile() throws {
        let folder = try Folder()
        #expect(mkfifo(folder.path + "/pipe.yml", 0o600) == 0)
        #expect(folder.described(folder.load()) == ["pipe.yml: not a regular file"])
        #expect(folder.described(folder.load("pipe.yml")) == ["pipe.yml: neither a file nor a folder"])
        var reader = FileReader()
        #expect(throws: Problem.self) { try reader.read(folder.path + "/pipe.yml") }
    }

    @Test func largeFiles() throws {
        let folder = try Folder()
        try folder.write("fits.yml", text: padded(to: Limits.fileBytes))
        #expect(folder.load().problems == [])
        try folder.write("large.yml", text: padded(to: Limits.fileBytes + 1))
        #expect(folder.described(folder.load()) == ["large.yml: larger than 1048576 bytes"])
    }

    private func padded(to count: Int) -> String {
        Reading.base + "#" + String(repeating: "x", count: count - Reading.base.utf8.count - 1)
    }

    @Test func twoJobsOfOneFile() throws {
        let folder = try Folder()
        try folder.write("a.yml", text: Reading.base + "---\n" + Reading.base)
        #expect(
            folder.described(folder.load()) == [
                "a.yml:5:16: the pipeline_name 'job' is taken by a.yml:2:16"
            ])
    }

    @Test func tooManyFiles() throws {
        let folder = try Folder()
        for name in ["a.yml", "b/c.yml", "d.yml"] {
            try folder.write(name, job: name)
        }
        var few = FileSearch(files: 2)
        few.look(at: folder.path)
        few.look(at: folder.path + "/d.yml")
        #expect(few.problems.map(\.message) == ["more than 2 job files"])
        var small = FileSearch(entries: 3)
        small.look(at: folder.path)
        #expect(small.problems.map(\.message) == ["too many files and folders"])
        var enough = FileSearch(files: 3, entries: 4)
        enough.look(at: folder.path)
        #expect(enough.problems == [] && enough.files.count == 3)
    }

    @Test func otherSpellingsOfTheEnding() throws {
        let folder = try Folder()
        try folder.write("a.YML", job: "a")
        try folder.write("b.yml", job: "b")
        #expect(
            folder.described(folder.load()) == [
                "a.YML: warning: not read: its name does not end in .yml or .yaml"
            ])
    }

    @Test func namesThatAreNotText() throws {
        let folder = try Folder()
        try folder.write("b.yml", job: "b")
        let descriptor = open(
            Array(folder.path.utf8CString.dropLast()) + [0x2F, -1, 0x2E, 0x79, 0x6D, 0x6C, 0],
            O_CREAT | O_WRONLY, 0o600)
        guard descriptor >= 0 else { return }
        close(descriptor)
        #expect(folder.described(folder.load()) == [": the name of the file '\u{FFFD}.yml' is not UTF-8"])
    }
}

/// Symbolic links.
@Suite struct LinkTests {
    @Test func linksInsideAreFollowedOnce() throws {
        let folder = try Folder()
        try folder.write("a.yml", job: "a")
        try folder.write(".data/1/b.yml", job: "b")
        try folder.write(".data/1/c/d.yml", job: "d")
        try folder.link("again.yml", to: "a.yml")
        try folder.link("b.yml", to: ".data/1/b.yml")
        try folder.link("folder", to: ".data/1/c")
        try folder.link("self", to: ".")
        try folder.link(".data/1/c/up", to: "../..")
        let loaded = folder.load()
        #expect(folder.described(loaded) == [])
        #expect(
            loaded.places.mapValues { $0.file.dropFirst(folder.path.count + 1) } == [
                "a": "a.yml", "b": "b.yml", "d": "folder/d.yml",
            ])
    }

    @Test func linksOutsideAreRefused() throws {
        let folder = try Folder()
        try folder.write("inside/a.yml", job: "a")
        try folder.write("inside-too/b.yml", job: "b")
        try folder.link("inside/b.yml", to: "../inside-too/b.yml")
        try folder.link("inside/out", to: "../inside-too")
        try folder.link("inside/broken.yml", to: "nowhere")
        try folder.link("inside/round.yml", to: "round.yml")
        try folder.link("inside/broken", to: "nowhere")
        try folder.link("inside/null.yml", to: "/dev/null")
        #expect(
            folder.described(folder.load("inside")) == [
                "inside/b.yml: a symbolic link that leads out of the folder with the job files, to inside-too/b.yml",
                "inside/broken.yml: a symbolic link that leads nowhere (No such file or directory)",
                "inside/null.yml: a symbolic link that leads out of the folder with the job files, to /dev/null",
                "inside/out: a symbolic link that leads out of the folder with the job files, to inside-too",
                "inside/round.yml: a symbolic link that leads nowhere (Too many levels of symbolic links)",
            ])
    }

    @Test func theFolderItselfMayBeALink() throws {
        let folder = try Folder()
        try folder.write("real/a.yml", job: "a")
        try folder.link("link", to: "real")
        try folder.link("file", to: "real/a.yml")
        #expect(folder.load("link").places["a"]?.file == folder.path + "/link/a.yml")
        #expect(folder.load("file").jobs.count == 1)
    }
}

/// A temporary folder that disappears with this object.
private final class Folder {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("jobfiles-\(UUID().uuidString)")
        .path

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func write(_ name: String, text: String) throws {
        let url = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    func write(_ name: String, job: String) throws {
        try write(name, text: "scheduler: '@daily'\npipeline_name: \(job)\n")
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path + "/" + name, withDestinationPath: target)
    }

    func load(_ name: String = "") -> LoadedJobs {
        Reading.files.load(paths: [name.isEmpty ? path : path + "/" + name])
    }

    /// First lines of the problems, with paths inside the folder.
    func described(_ loaded: LoadedJobs) -> [String] {
        loaded.problems.map { problem in
            let line = problem.description.split(separator: "\n").first.map(String.init) ?? ""
            return line.replacingOccurrences(of: path + "/", with: "").replacingOccurrences(
                of: path, with: "")
        }
    }
}
