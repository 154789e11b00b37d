import Hummingbird

/// The context of one API request.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage

    init(source: Source) {
        self.coreContext = .init(source: source)
    }
}

extension Response {
    /// A JSON answer with the headers that every answer of the API has.
    init(status: HTTPResponse.Status = .ok, json: some Encodable, headers: HTTPFields = [:]) throws {
        var fields = headers
        fields[.contentType] = "application/json; charset=utf-8"
        fields[.xContentTypeOptions] = "nosniff"
        fields[.cacheControl] = "no-store"
        var bytes = try JSONText.encode(json)
        bytes.append(UInt8(ascii: "\n"))
        self.init(status: status, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
