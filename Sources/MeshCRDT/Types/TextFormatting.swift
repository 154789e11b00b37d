extension SharedText {
    func insertFormatted(_ text: String, at index: Int, attributes: AnyFields?) throws(DocumentError) {}

    func deleteFormatted(at index: Int, length: Int) throws(DocumentError) {}
}
