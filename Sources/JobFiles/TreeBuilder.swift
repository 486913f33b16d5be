/// Builds the tree of each document of a file from libyaml's events.
///
/// It reports an error that spoils only one value (a tag, a duplicate key, an unknown alias) and reads on. It throws an
/// error that makes the rest unreadable.
struct TreeBuilder: ~Copyable {
    private let parser: EventParser
    /// The anchored values of the document so far.
    private var anchors: [String: Node] = [:]
    /// By how many bytes the aliases of the file have increased its size.
    private var expandedBytes = 0

    init(_ text: UnsafeBufferPointer<UInt8>) {
        parser = EventParser(text)
    }

    /// The next document's value; nil: the end of the file.
    mutating func nextDocument(_ findings: inout Findings) throws(SyntaxError) -> Node? {
        while true {
            let event = try parser.next()
            switch event.kind {
            case .documentStart:
                anchors.removeAll(keepingCapacity: true)
                let document = try node(from: parser.next(), depth: 0, &findings)
                // So that a syntax error at the end of a document spoils this document, and is not a second problem
                // later.
                _ = try parser.next()
                return document
            case .streamEnd: return nil
            case .scalar, .alias, .listStart, .mapStart, .end, .other: continue
            }
        }
    }

    private mutating func node(
        from event: YAMLEvent, depth: Int, _ findings: inout Findings
    ) throws(SyntaxError) -> Node {
        if let tag = event.tag {
            let shown = findings.mayBeSecret(at: event.start) ? "'!…'" : tag.quoted
            findings.report(
                at: event.start, "tags such as \(shown) are not supported",
                hint: "remove the tag; put text that looks like a number into quotes")
        }
        var node = Node(content: .refused, start: event.start)
        switch event.kind {
        case .scalar(let scalar):
            node.weight = scalar.text.utf8.count + 2
            node.content = .scalar(scalar)
        case .listStart: try fillList(&node, depth: depth + 1, &findings)
        case .mapStart: try fillMap(&node, depth: depth + 1, &findings)
        case .alias(let name): node = try copy(of: name, at: event.start, depth: depth, &findings)
        // libyaml balances its events, so these never begin a value.
        case .documentStart, .end, .streamEnd, .other: break
        }
        if let anchor = event.anchor { anchors[anchor] = node }
        return node
    }

    private mutating func fillList(
        _ list: inout Node, depth: Int, _ findings: inout Findings
    ) throws(SyntaxError) {
        try check(depth: depth, at: list.start)
        var items: [Node] = []
        while case let event = try parser.next(), !event.endsCollection {
            let item = try node(from: event, depth: depth, &findings)
            list.include(item)
            items.append(item)
        }
        list.content = .list(items)
    }

    private mutating func fillMap(
        _ map: inout Node, depth: Int, _ findings: inout Findings
    ) throws(SyntaxError) {
        try check(depth: depth, at: map.start)
        var pairs: [Pair] = []
        var keys = KeyPlaces()
        while case let event = try parser.next(), !event.endsCollection {
            let key = try node(from: event, depth: depth, &findings)
            let value = try node(from: parser.next(), depth: depth, &findings)
            map.include(key)
            map.include(value)
            guard let text = keyText(key, &findings), keys.isNew(text, at: key.start, &findings) else {
                continue
            }
            pairs.append(Pair(key: text, place: key.start, value: value))
        }
        map.content = .map(pairs)
    }

    /// The text of a key; nil: it cannot be a key, and this function has reported that.
    private func keyText(_ key: Node, _ findings: inout Findings) -> String? {
        switch key.content {
        case .scalar(let scalar) where scalar.style == .plain && scalar.text == "<<":
            findings.report(
                at: key.start, "merge keys ('<<') are not supported", hint: "write the keys out")
            return nil
        case .scalar(let scalar): return scalar.text
        case .list, .map:
            findings.report(at: key.start, "a key must be a word, not a list or a map")
            return nil
        case .refused: return nil
        }
    }

    /// The value of an alias.
    private mutating func copy(
        of name: String, at position: Position, depth: Int, _ findings: inout Findings
    ) throws(SyntaxError) -> Node {
        guard let node = anchors[name] else {
            // A value that begins with `*` is no alias, unless the file has an anchor of that name.
            let isAnchor = findings.source.bytes.firstRange(of: Array("&\(name)".utf8)) != nil
            let name = !isAnchor && findings.mayBeSecret(at: position) ? "…" : name
            findings.report(
                at: position, "unknown alias '*\(name)': no value marked '&\(name)' ends before it",
                hint: "put the value into quotes if it is meant to start with '*'")
            return Node(content: .refused, start: position)
        }
        try check(depth: depth + node.height, at: position)
        expandedBytes += node.weight
        guard expandedBytes <= Limits.fileBytes else {
            throw SyntaxError(
                message:
                    "with its aliases written out the file would be larger than \(Limits.fileBytes) bytes",
                isOwn: true, position: position)
        }
        return node
    }

    private func check(depth: Int, at position: Position) throws(SyntaxError) {
        guard depth > Limits.depth else { return }
        throw SyntaxError(
            message: "lists and maps are nested more than \(Limits.depth) deep", isOwn: true,
            position: position)
    }
}

/// The keys of a map and their positions.
private struct KeyPlaces {
    /// Most maps are small. For few keys, comparing each is quicker than a table.
    private static let few = 16
    private var first: [(key: String, place: Position)] = []
    private var places: [String: Position] = [:]

    /// Remembers the key. Reports it if it was there before.
    mutating func isNew(_ key: String, at position: Position, _ findings: inout Findings) -> Bool {
        guard let earlier = place(of: key) else {
            remember(key, position)
            return true
        }
        findings.report(
            at: position, "duplicate key \(key.quoted), first at \(earlier.line):\(earlier.column)",
            hint: "remove one of the two")
        return false
    }

    private func place(of key: String) -> Position? {
        first.first { $0.key == key }?.place ?? places[key]
    }

    private mutating func remember(_ key: String, _ position: Position) {
        guard first.count == Self.few else { return first.append((key, position)) }
        places[key] = position
    }
}

extension YAMLEvent {
    /// libyaml closes every list and map. The end of the stream is only a safeguard.
    fileprivate var endsCollection: Bool {
        switch kind {
        case .end, .streamEnd: true
        case .documentStart, .scalar, .alias, .listStart, .mapStart, .other: false
        }
    }
}

extension Node {
    fileprivate mutating func include(_ part: Node) {
        height = max(height, part.height + 1)
        weight += part.weight
    }
}
