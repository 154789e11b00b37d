import MeshCRDT
import MeshCore

extension UndoManager {
    /// What the sessions undo with: their four roots, transactions of the origin "local", every one a step of its own.
    static func ofSession(_ document: Document) -> UndoManager {
        var options = UndoOptions()
        options.captureTimeout = .zero
        options.trackedOrigins = [AnyHashable("local")]
        return UndoManager(
            document,
            types: [
                document.text("text"), document.array("array"), document.map("map"),
                document.xmlFragment("xml"),
            ], options: options, now: { .zero })
    }
}
