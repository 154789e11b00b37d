/// The version of this software.
public enum ProductVersion {
    /// As agents and mesh records show it.
    public static let text = "0.1.0"
}
