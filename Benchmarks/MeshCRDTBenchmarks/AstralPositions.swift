/// Turns positions in code points into UTF-16 positions while a text is edited.
///
/// It keeps where the characters outside the basic plane are, so it costs nothing for texts that have none.
struct AstralPositions {
    /// The code-point positions of those characters, ascending.
    private var places: [Int] = []
    /// The length of the text, in code points.
    private var length = 0

    /// How many characters of `text` take two UTF-16 units.
    static func count(in text: String) -> Int {
        // They are exactly those that take four bytes in UTF-8.
        text.utf8.count(where: { $0 >= 0xf0 })
    }

    /// Applies `patch`, given in code points, and gives it in UTF-16 units; nil when it reaches beyond the text.
    mutating func convert(_ patch: EditingTrace.Patch) -> EditingTrace.Patch? {
        let end = patch.position + patch.deleteCount
        guard end <= length else { return nil }
        let first = lowerBound(patch.position)
        let last = lowerBound(end)
        let converted = EditingTrace.Patch(
            position: patch.position + first, deleteCount: patch.deleteCount + last - first, text: patch.text)
        var inserted: [Int] = []
        var count = 0
        for scalar in patch.text.unicodeScalars {
            if scalar.value > 0xffff { inserted.append(patch.position + count) }
            count += 1
        }
        for index in last..<places.count { places[index] += count - patch.deleteCount }
        places.replaceSubrange(first..<last, with: inserted)
        length += count - patch.deleteCount
        return converted
    }

    /// The patch in UTF-16 units for a text that is known as a whole; nil when it reaches beyond it.
    static func convert(_ patch: EditingTrace.Patch, in text: String) -> EditingTrace.Patch? {
        let scalars = text.unicodeScalars
        guard
            let start = scalars.index(
                scalars.startIndex, offsetBy: patch.position, limitedBy: scalars.endIndex),
            let end = scalars.index(start, offsetBy: patch.deleteCount, limitedBy: scalars.endIndex)
        else { return nil }
        return EditingTrace.Patch(
            position: text.utf16.distance(from: text.startIndex, to: start),
            deleteCount: text.utf16.distance(from: start, to: end), text: patch.text)
    }

    /// How many of the places lie before `position`.
    private func lowerBound(_ position: Int) -> Int {
        var low = 0
        var high = places.count
        while low < high {
            let middle = (low + high) / 2
            if places[middle] < position { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
