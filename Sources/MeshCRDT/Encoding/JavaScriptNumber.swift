/// Numbers as JavaScript prints them.
///
/// Swift and JavaScript choose the same digits, the shortest that lead back to the number and of those the nearest; they differ
/// in where they set the point and from when on they write an exponent. Source: ECMA-262, `Number::toString`.
enum JavaScriptNumber {
    /// Whole numbers up to here have digits that an integer prints: 2^53.
    private static let largestExact: Double = 9_007_199_254_740_992

    /// Appends `number` as `JSON.stringify` does: -0 as 0, and null for what JSON cannot say.
    static func appendJSON(_ number: Double, to output: inout [UInt8]) {
        guard number.isFinite else {
            output.append(contentsOf: "null".utf8)
            return
        }
        append(number, to: &output)
    }

    /// Appends `number` as `String(number)` is in JavaScript.
    static func append(_ number: Double, to output: inout [UInt8]) {
        let magnitude = number.magnitude
        guard number.isFinite else {
            output.append(contentsOf: (number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity").utf8)
            return
        }
        if number < 0 { output.append(UInt8(ascii: "-")) }
        if magnitude <= largestExact, magnitude == Double(UInt64(magnitude)) {
            output.append(contentsOf: String(UInt64(magnitude)).utf8)
            return
        }
        let (digits, exponent) = decimal(of: magnitude)
        append(digits, exponent: exponent, to: &output)
    }

    /// Appends `digits`, behind a point and times ten to the `exponent`, as JavaScript sets the point.
    private static func append(_ digits: [UInt8], exponent: Int, to output: inout [UInt8]) {
        let zero = UInt8(ascii: "0")
        let point = UInt8(ascii: ".")
        switch exponent {
        case digits.count...21:
            output.append(contentsOf: digits)
            output.append(contentsOf: repeatElement(zero, count: exponent - digits.count))
        case 1...21:
            output.append(contentsOf: digits[..<exponent])
            output.append(point)
            output.append(contentsOf: digits[exponent...])
        case -5...0:
            output.append(zero)
            output.append(point)
            output.append(contentsOf: repeatElement(zero, count: -exponent))
            output.append(contentsOf: digits)
        default:
            output.append(digits[0])
            if digits.count > 1 {
                output.append(point)
                output.append(contentsOf: digits[1...])
            }
            output.append(UInt8(ascii: "e"))
            output.append(exponent > 0 ? UInt8(ascii: "+") : UInt8(ascii: "-"))
            output.append(contentsOf: String((exponent - 1).magnitude).utf8)
        }
    }

    /// The shortest digits of a positive number, without zeros at either end, and its exponent.
    private static func decimal(of number: Double) -> (digits: [UInt8], exponent: Int) {
        var digits: [UInt8] = []
        var pointPlace: Int?
        var exponent = 0
        var isExponentNegative = false
        var isInExponent = false
        for byte in number.description.utf8 {
            switch byte {
            case UInt8(ascii: "."): pointPlace = digits.count
            case UInt8(ascii: "e"): isInExponent = true
            case UInt8(ascii: "-"): isExponentNegative = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if isInExponent {
                    exponent = exponent * 10 + Int(byte - UInt8(ascii: "0"))
                } else {
                    digits.append(byte)
                }
            default: break
            }
        }
        exponent = (isExponentNegative ? -exponent : exponent) + (pointPlace ?? digits.count)
        let leading = digits.prefix { digit in digit == UInt8(ascii: "0") }.count
        digits.removeFirst(leading)
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
        }
        return (digits, exponent - leading)
    }
}
