import FoundationEssentials
import Glibc
import MeshNode
import Testing

/// The home folder: where it is, who may use it.
@Suite struct HomeTests {
    @Test func `the default follows MESHP2P_HOME, then XDG_DATA_HOME, then HOME`() {
        let cases: [([String: String], String)] = [
            (["MESHP2P_HOME": "/a", "XDG_DATA_HOME": "/b", "HOME": "/c"], "/a"),
            (["MESHP2P_HOME": "rel", "HOME": "/c"], "rel"),
            (["MESHP2P_HOME": "", "XDG_DATA_HOME": "/b", "HOME": "/c"], "/b/meshp2p"),
            (["XDG_DATA_HOME": "/b/", "HOME": "/c"], "/b/meshp2p"),
            // XDG Base Directory Specification: relative paths are invalid and ignored.
            (["XDG_DATA_HOME": "b", "HOME": "/c"], "/c/.local/share/meshp2p"),
            (["XDG_DATA_HOME": "", "HOME": "/c/"], "/c/.local/share/meshp2p"),
        ]
        for (environment, path) in cases {
            #expect(Home.defaultPath(environment: environment) == path, "\(environment)")
        }
        #expect(Home.defaultPath(environment: [:]).hasPrefix("/"))
    }

    @Test func `a missing home is made with its parents for the owner alone`() throws {
        let folder = try ScratchFolder()
        let home = try Home.open(folder("a/b/c"), create: true)
        for name in ["a", "a/b", "a/b/c"] {
            #expect(mode(folder(name)) == 0o700, "\(name)")
        }
        #expect(home.path == folder("a/b/c"))
        #expect(try Home.open(folder("a/b/c///"), create: false).path == folder("a/b/c"))
        #expect(home.databasePath == folder("a/b/c/meshp2p.sqlite"))
    }

    @Test func `a relative path becomes absolute`() throws {
        let folder = try ScratchFolder()
        let name = "../../../../../../../../../../../../../.." + folder("home")
        #expect(try Home.open(name, create: true).path.hasPrefix("/"))
        #expect(mode(folder("home")) == 0o700)
    }

    @Test func `a missing home is not made unless asked, and the way to make it is told`() throws {
        let folder = try ScratchFolder()
        let failure = #expect(throws: MeshFailure.self) { try Home.open(folder("it's"), create: false) }
        #expect(failure?.code == .notFound)
        #expect(failure?.message == "there is no home folder at \(folder("it's"))")
        #expect(failure?.next == "meshp2p init --home '\(folder("it"))'\\''s'")
        #expect(mode(folder("it's")) == nil)
    }

    @Test func `a home that is no folder, or under none, is refused`() throws {
        let folder = try ScratchFolder()
        try [UInt8]("text".utf8).write(to: folder("file"))
        for create in [true, false] {
            let itself = #expect(throws: MeshFailure.self) { try Home.open(folder("file"), create: create) }
            #expect(itself?.message == "the home \(folder("file")) is not a folder")
            let under = #expect(throws: MeshFailure.self) {
                try Home.open(folder("file/home"), create: create)
            }
            #expect(under?.code == .storage)
        }
        for path in ["", "a\0b"] {
            #expect(
                #expect(throws: MeshFailure.self) { try Home.open(path, create: true) }?.code == .badArgument)
        }
        let long = folder(String(repeating: "x", count: 300))
        let failure = #expect(throws: MeshFailure.self) { try Home.open(long, create: true) }
        #expect(failure?.message.hasSuffix("the path is too long") == true)
    }

    @Test(arguments: ["", "/", "//"])
    func `a home behind a symbolic link is refused`(_ slashes: String) throws {
        let folder = try ScratchFolder()
        _ = try Home.open(folder("real"), create: true)
        symlink(folder("real"), folder("link"))
        let failure = #expect(throws: MeshFailure.self) {
            try Home.open(folder("link") + slashes, create: true)
        }
        #expect(failure?.code == .refused)
        #expect(failure?.message.contains("\(folder("link")) is a symbolic link") == true)
        #expect(failure?.next?.contains("readlink -f \(folder("link"))") == true)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
    func `a home of another user is refused`() throws {
        let folder = try ScratchFolder()
        _ = try Home.open(folder("home"), create: true)
        chown(folder("home"), 4_711, 4_711)
        let failure = #expect(throws: MeshFailure.self) { try Home.open(folder("home"), create: true) }
        #expect(failure?.code == .refused)
        #expect(failure?.message == "the home folder \(folder("home")) belongs to user 4711, this runs as 0")
    }

    @Test func `an empty folder that others may use is closed to them`() throws {
        let folder = try ScratchFolder()
        mkdir(folder("home"), 0o700)
        chmod(folder("home"), 0o777)
        _ = try Home.open(folder("home"), create: true)
        #expect(mode(folder("home")) == 0o700)
    }

    @Test(arguments: [mode_t(0o770), 0o702, 0o1777])
    func `a folder in use that others can write into is refused`(_ bits: mode_t) throws {
        let folder = try ScratchFolder()
        mkdir(folder("home"), 0o700)
        try [UInt8]().write(to: folder("home/file"))
        chmod(folder("home"), bits)
        let failure = #expect(throws: MeshFailure.self) { try Home.open(folder("home"), create: true) }
        #expect(failure?.code == .refused)
        #expect(failure?.next == "chmod 700 \(folder("home"))")
        #expect(mode(folder("home")) == bits)
    }

    @Test func `a folder in use that others can list stays as its owner set it`() throws {
        let folder = try ScratchFolder()
        mkdir(folder("home"), 0o700)
        try [UInt8]().write(to: folder("home/file"))
        chmod(folder("home"), 0o755)
        _ = try Home.open(folder("home"), create: true)
        #expect(mode(folder("home")) == 0o755)
    }

    @Test func `settings come back, are private, and absent ones are nil`() throws {
        let folder = try ScratchFolder()
        let home = try Home.open(folder("home"), create: true)
        #expect(try home.configuration() == nil)
        let lock = try home.lock()
        for settings in [HomeConfiguration(name: "Ägir \"1\"", network: "n"), HomeConfiguration()] {
            try lock.write(settings)
            #expect(try home.configuration() == settings)
        }
        #expect(mode(folder("home/config.json")) == 0o600)
        lock.release()
    }

    @Test func `settings of a later version are read as far as they are known`() throws {
        let folder = try ScratchFolder()
        let home = try Home.open(folder("home"), create: true)
        try [UInt8](#"{"name":"m","color":[1]}"#.utf8).write(to: folder("home/config.json"))
        #expect(try home.configuration() == HomeConfiguration(name: "m"))
    }

    @Test(arguments: [#"{"name":7}"#, "{", "", "[]"])
    func `broken settings are refused with the place and the way out`(_ text: String) throws {
        let folder = try ScratchFolder()
        let home = try Home.open(folder("home"), create: true)
        try [UInt8](text.utf8).write(to: folder("home/config.json"))
        let failure = #expect(throws: MeshFailure.self) { try home.configuration() }
        #expect(failure?.code == .storage)
        #expect(failure?.message.hasPrefix("\(folder("home"))/config.json is not valid: ") == true)
        #expect(failure?.next?.contains("meshp2p init") == true)
        if text == #"{"name":7}"# {
            #expect(failure?.message.hasSuffix("the field \"name\" must be text") == true)
        }
    }
}
