import Testing
import Text

@Suite struct GitLabTokenTests {
    @Test(arguments: [
        "glpat-0123456789abcdefghij", "glptt-0123456789", "gldt-0123456789", "glcbt-64_0123456789",
        "glrt-0123456789", "glrtr-0123456789", "glft-0123456789", "glimt-0123456789", "glagent-0123456789",
        "gloas-0123456789", "https://oauth2:glpat-0123456789@gitlab.com/a/b.git", "TOKEN=glpat-0123-56_",
    ])
    func tokens(_ text: String) {
        #expect(GitLabToken.isIn(text))
    }

    @Test(arguments: [
        "", "glpat-", "glpat-…", "glpat-1234567", "GLPAT-0123456789", "myglpat-0123456789",
        "glxyz-0123456789",
        "gl-0123456789", "a word", "aglpat", "gglpat-0123456789",
    ])
    func others(_ text: String) {
        #expect(!GitLabToken.isIn(text))
    }
}
