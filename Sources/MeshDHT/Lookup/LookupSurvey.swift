import MeshCore

/// What the state of its closest candidates means for a lookup: whether it is over, and who is asked next.
extension Lookup {
    /// The result of one walk from the closest candidate outwards.
    struct Survey: Sendable {
        var progress: LookupProgress
        /// The closest candidate that should be asked.
        var next: Int?
    }

    /// α, divided by the paths.
    var parallelismOfPath: Int { (parameters.parallelism + paths.count - 1) / paths.count }

    /// `running` until every path has converged, or has nobody left to ask.
    var pathsProgress: LookupProgress {
        for path in paths.indices where survey(path: path).progress == .running { return .running }
        return .converged
    }

    /// Where one of several paths stands.
    func survey(path: Int) -> Survey {
        let share = (parameters.maximumRequests + paths.count - 1) / paths.count
        return walk(
            paths[path].order, of: UInt8(path), stopsWhenConverged: true,
            requiredAnswers: min(parameters.requiredAnswers, parameters.sufficientAnswers),
            mayAsk: paths[path].requestCount < share && requestCount < parameters.maximumRequests)
    }

    /// Where the lookup stands if its paths have nothing more to do.
    func surveyOfAll(stopsWhenConverged: Bool) -> Survey {
        walk(
            order, of: nil, stopsWhenConverged: stopsWhenConverged,
            requiredAnswers: parameters.requiredAnswers, mayAsk: requestCount < parameters.maximumRequests)
    }

    /// Walks along `order`, over peers that a path other than `path` has asked; nil stands for all paths.
    ///
    /// It ends at the first peer that can be asked, and after at most k that have answered or wait.
    private func walk(
        _ order: [LookupRank], of path: UInt8?, stopsWhenConverged: Bool, requiredAnswers: Int, mayAsk: Bool
    ) -> Survey {
        var progress = LookupProgress.exhausted
        var answered = 0
        var considered = 0
        for rank in order {
            let mark = marks[rank.index]
            switch mark.state {
            case .heard:
                if progress == .converged {
                    return Survey(progress: .converged, next: mayAsk ? rank.index : nil)
                }
                if mayAsk { return Survey(progress: .running, next: rank.index) }
                return Survey(progress: progress, next: nil)
            case .waiting:
                if let path, mark.path != path { continue }
                if progress == .exhausted { progress = .running }
                considered += 1
            case .answered:
                if let path, mark.path != path { continue }
                answered += 1
                considered += 1
                if progress == .exhausted, answered >= requiredAnswers {
                    progress = .converged
                    if stopsWhenConverged { return Survey(progress: .converged, next: nil) }
                }
            case .straggling, .abandoned, .failed: continue
            }
            if considered >= parameters.resultCount { break }
        }
        return Survey(progress: progress, next: nil)
    }
}
