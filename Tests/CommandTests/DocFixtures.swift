/// Updates that Yjs 13.6.31 made, with what it says of them.
///
/// Origin: own script under node. Client 1 writes a text with formatting and an embed, a map with every kind of value, an
/// array, an element and a text that it empties again; client 130 then edits three of them in one transaction, and the text
/// once more in another. None of Yjs's code is here.
enum DocFixtures {
    /// All of client 1, v1.
    static let base =
        "AR0BAAEBBHRleHQBhAEABWVsbG8ghAEFBXdvcmxkhAEKBSDwn5iAxgEFAQYEYm9sZAR0cnVlxgEKAQsEYm9sZARudWxs"
        + "RQEAEXsiaW1hZ2UiOiJ4LnBuZyJ9KAEDbWFwBm51bWJlcgF8P8AAACgBA21hcANuYW4Be3/4AAAAAAAAKAEDbWFwBW1p"
        + "bnVzAX1AKAEDbWFwA2JpZwF6AAAAAAAAACojAQNtYXAFYnl0ZXMCAP8oAQNtYXAEbm9uZQF/KAEDbWFwBG51bGwBfigB"
        + "A21hcANlzIEBdwpkZWNvbXBvc2VkKAEDbWFwAsOpAXcIY29tcG9zZWQoAQNtYXACMTABfQEoAQNtYXABMgF9AiEBA21h"
        + "cARnb25lAScBA21hcAVpbm5lcgEoAAEdBGRlZXABdQJ9AXYCAWJ4AWF3AXgIAQRsaXN0AX0BgQEfAYgBIAJ2AQV0aHJl"
        + "ZX0DeAcBA3htbAMBcCgAASMFY2xhc3MBdwFhBwABIwYEAAElAmhpAQEEZ29uZQEBAQQAARwBIAEoAQ=="

    /// All of client 1, v2.
    static let baseV2 =
        "AAMAAwACQQ0LAAsASgomBAIGAAQDDApWIwEAhALGAUUAKAMjACgFIQAnACgACACBAIgABwAoAAcABAABrwGIAXRleHRl"
        + "bGxvIHdvcmxkIPCfmIBib2xkYm9sZG1hcG51bWJlcm1hcG5hbm1hcG1pbnVzbWFwYmlnbWFwYnl0ZXNtYXBub25lbWFw"
        + "bnVsbG1hcGXMgW1hcMOpbWFwMTBtYXAybWFwZ29uZW1hcGlubmVyZGVlcGxpc3R4bWxwY2xhc3NoaWdvbmUERQADRAAD"
        + "BkMBBUMBBQMEAwQDAgMBAwIDAQMEAwVEAAMBBQIECQENAAABAQACAQMBAwYFQQ0CQQABHQB4fnYBBWltYWdldwV4LnBu"
        + "Z3w/wAAAe3/4AAAAAAAAfUB6AAAAAAAAACoCAP9/fncKZGVjb21wb3NlZHcIY29tcG9zZWR9AX0CdQJ9AXYCAWJ4AWF3"
        + "AXh9AXYBBXRocmVlfQN4dwFhAQEEAAAbAAMABwA="

    /// The first transaction of client 130, v1.
    static let second =
        "AQOCAQDEAQABAQFKqAERAX0CiAEiAXUCfncDZW5kAQEFAAERARwBIAEoAQ=="

    /// Its second transaction, which needs the first.
    static let third =
        "AQGCAQNEARAGbGF0ZXIgAQEFAAERARwBIAEoAQ=="

    /// The state vector of `base`.
    static let stateVector =
        "AQEp"

    /// `mergeUpdates` of `base` and `second`.
    static let merged =
        "AgOCAQDEAQABAQFKiAERAX0CiAEiAXUCfncDZW5kHQEAAQEEdGV4dAGEAQAFZWxsbyCEAQUFd29ybGSEAQoFIPCfmIDG"
        + "AQUBBgRib2xkBHRydWXGAQoBCwRib2xkBG51bGxFAQAReyJpbWFnZSI6IngucG5nIn0oAQNtYXAGbnVtYmVyAXw/wAAA"
        + "KAEDbWFwA25hbgF7f/gAAAAAAAAoAQNtYXAFbWludXMBfUAoAQNtYXADYmlnAXoAAAAAAAAAKiMBA21hcAVieXRlcwIA"
        + "/ygBA21hcARub25lAX8oAQNtYXAEbnVsbAF+KAEDbWFwA2XMgQF3CmRlY29tcG9zZWQoAQNtYXACw6kBdwhjb21wb3Nl"
        + "ZCgBA21hcAIxMAF9ASgBA21hcAEyAX0CIQEDbWFwBGdvbmUBJwEDbWFwBWlubmVyASgAAR0EZGVlcAF1An0BdgIBYngB"
        + "YXcBeAgBBGxpc3QBfQGBAR8BiAEgAnYBBXRocmVlfQN4BwEDeG1sAwFwKAABIwVjbGFzcwF3AWEHAAEjBgQAASUCaGkB"
        + "AQRnb25lAQEBBQABEQEcASABKAE="

    /// `diffUpdate` of `merged` for somebody with `base`.
    static let difference =
        "AQOCAQDEAQABAQFKiAERAX0CiAEiAXUCfncDZW5kAQEFAAERARwBIAEoAQ=="

    /// What Yjs says of `base`: roots, state vector, delete set.
    static let first = #"""
        {"roots":{"text":{"kind":"Text","text":"ello world 😀","delta":[{"insert":{"image":"x.png"}},
        {"insert":"ello "},{"attributes":{"bold":true},"insert":"world"},{"insert":" 😀"}]},
        "map":{"kind":"Map","json":{"2":2,"10":1,"big":{"$bigint":"42"},"bytes":{"$bin":"AP8="},
        "é":"decomposed","inner":{"deep":[1,{"a":"x","b":true}]},"minus":{"$num":"-0"},
        "nan":{"$num":"NaN"},"none":{"$undef":true},"null":null,"number":1.5,"é":"composed"}},
        "list":{"kind":"Array","json":[1,{"three":3},true]},"xml":{"kind":"XmlFragment",
        "xml":"<p class=\"a\">hi</p>","text":"<p class=\"a\">hi</p>"}},"stateVector":{"1":41},
        "deleteSet":{"1":[[0,1],[28,1],[32,1],[40,1]]}}
        """#

    /// What Yjs says of both: roots, state vector, delete set.
    static let both = #"""
        {"roots":{"text":{"kind":"Text","text":"Jello world 😀","delta":[{"insert":{"image":"x.png"}},
        {"insert":"Jello "},{"attributes":{"bold":true},"insert":"world"},{"insert":" 😀"}]},
        "map":{"kind":"Map","json":{"2":2,"10":1,"big":{"$bigint":"42"},"bytes":{"$bin":"AP8="},
        "é":"decomposed","inner":{"deep":[1,{"a":"x","b":true}]},"minus":{"$num":"-0"},
        "nan":{"$num":"NaN"},"none":{"$undef":true},"null":null,"number":2,"é":"composed"}},
        "list":{"kind":"Array","json":[1,{"three":3},true,[null,"end"]]},"xml":{"kind":"XmlFragment",
        "xml":"<p class=\"a\">hi</p>","text":"<p class=\"a\">hi</p>"}},"stateVector":{"1":41,"130":3},
        "deleteSet":{"1":[[0,1],[17,1],[28,1],[32,1],[40,1]]}}
        """#
}
