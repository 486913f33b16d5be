import CYAML

/// One event of libyaml.
struct YAMLEvent {
    enum Kind {
        case documentStart
        case scalar(Scalar)
        case alias(String)
        case listStart
        case mapStart
        case end
        case streamEnd
        /// Events that do not matter here, such as the start of the stream.
        case other
    }

    var kind: Kind
    var start: Position
    var anchor: String?
    var tag: String?
}

/// Text that cannot be read any further, because of a syntax error or a limit.
struct SyntaxError: Error {
    var message: String
    /// Whether orchestrate wrote the message, not libyaml.
    var isOwn = false
    var position: Position
    var context = ""
    var contextPosition: Position?
    /// The position of a wrong byte, for text that is not UTF-8 or has control characters. libyaml's position is 1:1
    /// then.
    var offset: Int?
    /// The wrong character or byte, if there is an offset.
    var value = 0
}

/// libyaml's event parser. The caller keeps the text alive for as long as the parser.
struct EventParser: ~Copyable {
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)

    init(_ text: UnsafeBufferPointer<UInt8>) {
        // Fails only without memory. The parser's first event is an error then.
        guard yaml_parser_initialize(parser) == 1 else { return }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, text.baseAddress, text.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next event. Do not call it again after an error or the end of the stream.
    func next() throws(SyntaxError) -> YAMLEvent {
        var event = yaml_event_t()
        guard parser.pointee.read_handler != nil, yaml_parser_parse(parser, &event) == 1 else { throw error }
        defer { yaml_event_delete(&event) }
        return YAMLEvent(event)
    }

    private var error: SyntaxError {
        let state = parser.pointee
        var error = SyntaxError(
            message: state.problem.map { String(cString: $0) } ?? "out of memory",
            isOwn: state.problem == nil, position: Position(state.problem_mark))
        if state.error == YAML_READER_ERROR {
            error.offset = state.problem_offset
            error.value = Int(state.problem_value)
        }
        if let context = state.context {
            error.context = String(cString: context)
            error.contextPosition = Position(state.context_mark)
        }
        return error
    }
}

extension Position {
    init(_ mark: yaml_mark_t) {
        self.init(line: Int(clamping: mark.line) &+ 1, column: Int(clamping: mark.column) &+ 1)
    }
}

extension YAMLEvent {
    fileprivate init(_ event: yaml_event_t) {
        kind = .other
        start = Position(event.start_mark)
        switch event.type {
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            kind = .scalar(Scalar(scalar, isOnOneLine: event.start_mark.line == event.end_mark.line))
            mark(scalar.anchor, scalar.tag)
        case YAML_ALIAS_EVENT:
            kind = .alias(event.data.alias.anchor.map { String(cString: $0) } ?? "")
        case YAML_SEQUENCE_START_EVENT:
            kind = .listStart
            mark(event.data.sequence_start.anchor, event.data.sequence_start.tag)
        case YAML_MAPPING_START_EVENT:
            kind = .mapStart
            mark(event.data.mapping_start.anchor, event.data.mapping_start.tag)
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: kind = .end
        case YAML_STREAM_END_EVENT: kind = .streamEnd
        default: break
        }
    }

    private mutating func mark(_ anchor: UnsafeMutablePointer<UInt8>?, _ tag: UnsafeMutablePointer<UInt8>?) {
        self.anchor = anchor.map { String(cString: $0) }
        self.tag = tag.map { String(cString: $0) }
    }
}

extension Scalar {
    fileprivate init(_ scalar: yaml_event_t.__Unnamed_union_data.__Unnamed_struct_scalar, isOnOneLine: Bool) {
        text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
        self.isOnOneLine = isOnOneLine
        switch scalar.style {
        case YAML_PLAIN_SCALAR_STYLE: style = .plain
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: style = .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: style = .doubleQuoted
        default: style = .block
        }
    }
}
