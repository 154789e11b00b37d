/// B-trees over the items of long lists, that find an item by index and an index by item in logarithmic time.
///
/// A leaf stands for up to ``leafCapacity`` neighbours of the linked list and holds only their sum and the first of them;
/// the items know their leaf. Lists shorter than ``threshold`` items are walked instead. The trees of all lists share the
/// storage. A leaf's items are found through the links of the items, so the store passes the item arena in.
struct SequenceIndex {
    struct Leaf {
        var parent: SequenceNode
        var first: ItemIndex
        var itemCount: UInt32
        var sum: SequenceSum
    }

    struct Inner {
        var parent: SequenceNode
        var count = 0
        var children: InlineArray<16, SequenceNode> = .init(repeating: .none)
        var sums: InlineArray<16, SequenceSum> = .init(repeating: SequenceSum())

        /// Where a child lies.
        @inline(__always)
        func slot(of child: SequenceNode) -> Int {
            var slot = 0
            while slot < count, children[slot] != child { slot += 1 }
            precondition(slot < count, "a node is not among its parent's children")
            return slot
        }

        @inline(__always)
        var total: SequenceSum {
            var total = SequenceSum()
            for slot in 0..<count { total &+= sums[slot] }
            return total
        }
    }

    /// A list is indexed when it has more items than this.
    static var threshold: UInt32 { 48 }
    static var leafCapacity: UInt32 { 48 }
    private static var fanOut: Int { 16 }

    private(set) var leaves: ContiguousArray<Leaf> = []
    private(set) var inners: ContiguousArray<Inner> = []
    private var freeLeaves: [UInt32] = []
    private var freeInners: [Int] = []

    // MARK: Sums

    /// Adds to the sum of a leaf and of everything above it.
    @inline(__always)
    mutating func add(_ delta: SequenceSum, toLeaf number: UInt32) {
        leaves[Int(number)].sum &+= delta
        var child = SequenceNode.leaf(number)
        var parent = leaves[Int(number)].parent
        while !parent.isNone {
            let slot = inners[parent.number].slot(of: child)
            inners[parent.number].sums[slot] &+= delta
            child = parent
            parent = inners[parent.number].parent
        }
    }

    /// The sum of everything before a leaf.
    func sum(beforeLeaf number: UInt32) -> SequenceSum {
        var total = SequenceSum()
        var child = SequenceNode.leaf(number)
        var parent = leaves[Int(number)].parent
        while !parent.isNone {
            for slot in 0..<inners[parent.number].slot(of: child) {
                total &+= inners[parent.number].sums[slot]
            }
            child = parent
            parent = inners[parent.number].parent
        }
        return total
    }

    /// The leaf that holds visible unit `unit` of the tree, and the number of visible units before the leaf.
    @inline(__always)
    func leaf(ofUnit unit: UInt32, root: SequenceNode) -> (number: UInt32, before: UInt32) {
        var node = root
        var before: UInt32 = 0
        while node.isInner {
            let number = node.number
            var slot = 0
            while true {
                let next = before &+ inners[number].sums[slot].visible
                if unit < next || slot == inners[number].count - 1 { break }
                before = next
                slot += 1
            }
            node = inners[number].children[slot]
        }
        return (node.raw, before)
    }

    /// The last leaf of a tree.
    func lastLeaf(root: SequenceNode) -> UInt32 {
        var node = root
        while node.isInner { node = inners[node.number].children[inners[node.number].count - 1] }
        return node.raw
    }

    /// The nearest leaf before `number` that has format markers in force, or nil.
    func leafWithFormats(before number: UInt32) -> UInt32? {
        var child = SequenceNode.leaf(number)
        var parent = leaves[Int(number)].parent
        while !parent.isNone {
            var slot = inners[parent.number].slot(of: child) - 1
            while slot >= 0 {
                if inners[parent.number].sums[slot].formats > 0 {
                    return lastLeafWithFormats(under: inners[parent.number].children[slot])
                }
                slot -= 1
            }
            child = parent
            parent = inners[parent.number].parent
        }
        return nil
    }

    private func lastLeafWithFormats(under node: SequenceNode) -> UInt32? {
        var node = node
        while node.isInner {
            var slot = inners[node.number].count - 1
            while slot > 0, inners[node.number].sums[slot].formats == 0 { slot -= 1 }
            node = inners[node.number].children[slot]
        }
        return node.raw
    }

    // MARK: Items

    /// Makes the index of a list from its first item.
    mutating func build(from start: ItemIndex, items: inout ItemArena) -> SequenceNode {
        var item = start
        var root = SequenceNode.none
        var previous: UInt32?
        while !item.isNone {
            let first = item
            let number = newLeaf(first: first)
            var count: UInt32 = 0
            var sum = SequenceSum()
            while !item.isNone, count < Self.leafCapacity * 2 / 3 {
                items[item].place = number
                sum &+= Self.sum(of: items[item])
                count += 1
                item = items[item].right
            }
            leaves[Int(number)].itemCount = count
            if let previous {
                insert(leaf: number, sum: sum, after: previous, root: &root)
            } else {
                leaves[Int(number)].sum = sum
                root = .leaf(number)
            }
            previous = number
        }
        return root
    }

    /// What one item adds.
    @inline(__always)
    static func sum(of item: Item) -> SequenceSum {
        SequenceSum(visible: item.visibleLength, formats: item.isLiveFormat ? 1 : 0)
    }

    /// Takes in an item that was linked into the list, and its sum.
    @inline(__always)
    mutating func insert(
        _ item: ItemIndex, sum: SequenceSum, intoLeaf number: UInt32, isFirst: Bool, root: inout SequenceNode,
        items: inout ItemArena
    ) {
        items[item].place = number
        leaves[Int(number)].itemCount += 1
        if isFirst { leaves[Int(number)].first = item }
        if sum != SequenceSum() { add(sum, toLeaf: number) }
        if leaves[Int(number)].itemCount > Self.leafCapacity {
            split(leaf: number, root: &root, items: &items)
        }
    }

    /// Forgets an item that is being unlinked, whose sum was already taken away.
    mutating func remove(
        _ item: ItemIndex, next: ItemIndex, root: inout SequenceNode, items: inout ItemArena
    ) {
        let number = items[item].place
        leaves[Int(number)].itemCount -= 1
        if leaves[Int(number)].itemCount == 0 {
            remove(leaf: number, root: &root)
            return
        }
        if leaves[Int(number)].first == item { leaves[Int(number)].first = next }
        if leaves[Int(number)].itemCount < Self.leafCapacity / 6 {
            join(leaf: number, root: &root, items: &items)
        }
    }

    // MARK: Leaves

    private mutating func newLeaf(first: ItemIndex) -> UInt32 {
        let leaf = Leaf(parent: .none, first: first, itemCount: 0, sum: SequenceSum())
        if let number = freeLeaves.popLast() {
            leaves[Int(number)] = leaf
            return number
        }
        leaves.append(leaf)
        return UInt32(leaves.count - 1)
    }

    private mutating func split(leaf number: UInt32, root: inout SequenceNode, items: inout ItemArena) {
        let keep = leaves[Int(number)].itemCount / 2
        var item = leaves[Int(number)].first
        for _ in 0..<keep { item = items[item].right }
        let new = newLeaf(first: item)
        var sum = SequenceSum()
        let moved = leaves[Int(number)].itemCount - keep
        for _ in 0..<moved {
            items[item].place = new
            sum &+= Self.sum(of: items[item])
            item = items[item].right
        }
        leaves[Int(new)].itemCount = moved
        leaves[Int(number)].itemCount = keep
        add(-sum, toLeaf: number)
        insert(leaf: new, sum: sum, after: number, root: &root)
    }

    /// Moves the items of a nearly empty leaf into its left neighbour under the same parent when they fit.
    private mutating func join(leaf number: UInt32, root: inout SequenceNode, items: inout ItemArena) {
        let parent = leaves[Int(number)].parent
        guard !parent.isNone else { return }
        let slot = inners[parent.number].slot(of: .leaf(number))
        guard slot > 0 else { return }
        let left = UInt32(truncatingIfNeeded: inners[parent.number].children[slot - 1].number)
        let count = leaves[Int(number)].itemCount
        guard leaves[Int(left)].itemCount + count <= Self.leafCapacity * 2 / 3 else { return }
        var item = leaves[Int(number)].first
        for _ in 0..<count {
            items[item].place = left
            item = items[item].right
        }
        leaves[Int(left)].itemCount += count
        let sum = leaves[Int(number)].sum
        add(-sum, toLeaf: number)
        add(sum, toLeaf: left)
        remove(leaf: number, root: &root)
    }

    // MARK: Inner nodes

    /// Puts a new leaf with `sum` behind another one.
    private mutating func insert(
        leaf new: UInt32, sum: SequenceSum, after number: UInt32, root: inout SequenceNode
    ) {
        leaves[Int(new)].sum = SequenceSum()
        insert(child: .leaf(new), after: .leaf(number), root: &root)
        add(sum, toLeaf: new)
    }

    /// Puts a node without a sum behind its sibling, splitting what is full.
    private mutating func insert(
        child new: SequenceNode, after sibling: SequenceNode, root: inout SequenceNode
    ) {
        var parent = parent(of: sibling)
        if parent.isNone {
            parent = newInner()
            append(sibling, sum: total(of: sibling), to: parent)
            root = parent
        }
        if inners[parent.number].count == Self.fanOut {
            split(inner: parent, root: &root)
            parent = self.parent(of: sibling)
        }
        let number = parent.number
        let slot = inners[number].slot(of: sibling) + 1
        var index = inners[number].count
        while index > slot {
            inners[number].children[index] = inners[number].children[index - 1]
            inners[number].sums[index] = inners[number].sums[index - 1]
            index -= 1
        }
        inners[number].children[slot] = new
        inners[number].sums[slot] = SequenceSum()
        inners[number].count += 1
        setParent(of: new, to: parent)
    }

    private mutating func split(inner node: SequenceNode, root: inout SequenceNode) {
        let right = newInner()
        let half = Self.fanOut / 2
        insert(child: right, after: node, root: &root)
        var moved = SequenceSum()
        for slot in half..<Self.fanOut {
            let sum = inners[node.number].sums[slot]
            append(inners[node.number].children[slot], sum: sum, to: right)
            moved &+= sum
        }
        inners[node.number].count = half
        let parent = inners[node.number].parent.number
        let slot = inners[parent].slot(of: node)
        inners[parent].sums[slot] &+= -moved
        inners[parent].sums[slot + 1] &+= moved
    }

    private mutating func append(_ child: SequenceNode, sum: SequenceSum, to parent: SequenceNode) {
        let count = inners[parent.number].count
        inners[parent.number].children[count] = child
        inners[parent.number].sums[count] = sum
        inners[parent.number].count = count + 1
        setParent(of: child, to: parent)
    }

    private mutating func newInner() -> SequenceNode {
        if let number = freeInners.popLast() {
            inners[number] = Inner(parent: .none)
            return .inner(number)
        }
        inners.append(Inner(parent: .none))
        return .inner(inners.count - 1)
    }

    private func parent(of node: SequenceNode) -> SequenceNode {
        node.isInner ? inners[node.number].parent : leaves[node.number].parent
    }

    private mutating func setParent(of node: SequenceNode, to parent: SequenceNode) {
        if node.isInner { inners[node.number].parent = parent } else { leaves[node.number].parent = parent }
    }

    private func total(of node: SequenceNode) -> SequenceSum {
        node.isInner ? inners[node.number].total : leaves[node.number].sum
    }

    /// Removes a leaf whose sum is zero, and what is empty above it.
    private mutating func remove(leaf number: UInt32, root: inout SequenceNode) {
        var child = SequenceNode.leaf(number)
        var parent = leaves[Int(number)].parent
        freeLeaves.append(number)
        while !parent.isNone {
            let inner = parent.number
            for slot in inners[inner].slot(of: child)..<inners[inner].count - 1 {
                inners[inner].children[slot] = inners[inner].children[slot + 1]
                inners[inner].sums[slot] = inners[inner].sums[slot + 1]
            }
            inners[inner].count -= 1
            guard inners[inner].count == 0 else { return }
            child = parent
            parent = inners[inner].parent
            freeInners.append(inner)
        }
        root = .none
    }

    /// Frees the whole index of a list.
    mutating func removeAll(root: SequenceNode) {
        var stack = [root]
        while let node = stack.popLast() {
            guard !node.isNone else { continue }
            if node.isInner {
                for slot in 0..<inners[node.number].count { stack.append(inners[node.number].children[slot]) }
                freeInners.append(node.number)
            } else {
                freeLeaves.append(node.raw)
            }
        }
    }
}
