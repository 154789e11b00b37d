extension SharedHandle {
    /// A new type with the same content, to be put in somewhere else.
    ///
    /// Types in it are copied, too, and documents become new ones of the same name and options. An XML type's elements that
    /// are no XML are left out.
    public func clone() -> NewType {
        switch type {
        case .array(let array): .array(array.values.map(\.copied))
        case .map(let map): .map(map.entries.map { entry in (entry.key, entry.value.copied) })
        case .text(let text): .textDelta(text.toDelta())
        case .xmlFragment(let fragment): .xmlFragment(fragment.children.map { child in child.clone() })
        case .xmlElement(let element):
            .xmlElement(
                name: element.nodeName,
                attributes: element.attributes.map { attribute in (attribute.key, attribute.value.copied) },
                children: element.children.map { child in child.clone() })
        case .xmlText(let text): .xmlTextDelta(text.text.toDelta())
        case .xmlHook(let hook):
            .xmlHook(name: hook.name, entries: hook.entries.map { entry in (entry.key, entry.value.copied) })
        }
    }
}

extension SharedValue {
    /// The value as something that can be put in once more.
    fileprivate var copied: SharedInput {
        switch self {
        case .any(let value): .any(value)
        case .binary(let bytes): .binary(bytes)
        case .type(let type): .type(type.clone())
        case .document(let document): .document(document.copy())
        }
    }
}
