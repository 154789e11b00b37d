import Testing

/// Tests against foreign libp2p implementations, over real sockets, with the command as a user runs it.
///
/// One after another: each starts processes of its own, and their timing is part of what is tested.
@Suite(.serialized) enum InteropTests {}
