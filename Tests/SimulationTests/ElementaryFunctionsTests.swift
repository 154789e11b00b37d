import Testing

@testable import MeshSimulator

/// The expectations are those of Python's `math`, that is of glibc.
@Suite struct ElementaryFunctionsTests {
    @Test(arguments: [
        (1e-300, -690.7755278982137), (1e-09, -20.72326583694641), (0.1, -2.3025850929940455),
        (0.5, -0.6931471805599453), (0.7071067811865476, -0.3465735902799726),
        (0.999999, -1.000000500029089e-06), (1.0000001, 9.999999505838704e-08), (2.0, 0.6931471805599453),
        (3.141592653589793, 1.1447298858494002), (12345.678, 9.421061321291832),
        (1e+22, 50.65687204586901), (1.7e+308, 709.7268368932282),
    ])
    func `the logarithm is that of the C library`(value: Double, expected: Double) {
        #expect(abs(ElementaryFunctions.log(value) - expected) <= 1e-14 * abs(expected))
    }

    @Test(arguments: [
        (-699.0, 2.680137958338607e-304), (-20.5, 1.2501528663867426e-09), (-1.0, 0.36787944117144233),
        (-1e-09, 0.999999999), (0.0, 1.0), (0.1, 1.1051709180756477), (0.3465, 1.4141094938303624),
        (0.3467, 1.414392344013204), (1.0, 2.718281828459045), (2.5, 12.182493960703473),
        (50.25, 6.657293676747253e+21), (699.0, 3.7311512151407716e+303),
    ])
    func `the exponential is that of the C library`(value: Double, expected: Double) {
        #expect(abs(ElementaryFunctions.exp(value) / expected - 1) < 1e-13)
    }

    @Test(arguments: [
        (0.1, 9.513507698668732), (0.5, 1.7724538509055159), (1.0, 1.0), (1.5, 0.886226925452758),
        (5.0, 24.0), (10.5, 1133278.3889487854), (30.0, 8.841761993739702e+30),
    ])
    func `the gamma function is that of the C library`(value: Double, expected: Double) {
        #expect(abs(ElementaryFunctions.gamma(value) / expected - 1) < 1e-13)
    }

    @Test func `the ends of the ranges are kept`() {
        #expect(ElementaryFunctions.log(1) == 0)
        #expect(ElementaryFunctions.exp(1000) == .infinity)
        #expect(ElementaryFunctions.exp(-1000) == 0)
        #expect(abs(ElementaryFunctions.pow(2, 0.5) - 2.0.squareRoot()) < 1e-15)
    }
}
