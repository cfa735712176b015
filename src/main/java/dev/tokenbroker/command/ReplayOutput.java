package dev.tokenbroker.command;

import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.command.report.Node;
import dev.tokenbroker.command.report.Node.Fact;
import dev.tokenbroker.command.report.Node.Result;
import dev.tokenbroker.command.report.TextPrinter;
import dev.tokenbroker.operate.cases.CandidateEffect;
import dev.tokenbroker.operate.recording.RecordedRequest;
import dev.tokenbroker.operate.recording.Recording;
import dev.tokenbroker.operate.recording.Replay.ReplayResult;
import dev.tokenbroker.operate.recording.ReplayReport;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The result of a replay: a node for each kind of change, which fails unless there is none or it is
 * allowed, and one below it for each request.
 *
 * @param allowed the changes that do not count as failures
 */
record ReplayOutput(Recording recording, ReplayReport report, Set<CandidateEffect> allowed) {

  /** A test for each kind of change. */
  Node tests(String recordingName) {
    return Node.of(recordingName, Stream.of(CandidateEffect.values()).map(this::change).toList());
  }

  private Node change(CandidateEffect change) {
    List<ReplayResult> results = report.results(change);
    return new Node(
        results.isEmpty() || allowed.contains(change) ? Result.PASSED : Result.FAILED,
        change.label(),
        List.of(new Fact("", counts(change))),
        results.stream().limit(1).map(ReplayOutput::example).toList(),
        results.stream().map(ReplayOutput::result).toList(),
        new JsonObject().put("distinct", results.size()).put("requests", report.requests(change)));
  }

  private String counts(CandidateEffect change) {
    return "%d distinct, %d requests"
        .formatted(report.results(change).size(), report.requests(change));
  }

  private static Fact example(ReplayResult first) {
    RecordedRequest request = first.line().request();
    return new Fact(
        "",
        "%s → %s, before: %s, after: %s"
            .formatted(request.issuer(), request.target(), first.before(), first.after()));
  }

  private static Node result(ReplayResult result) {
    RecordedRequest request = result.line().request();
    boolean known = result.change() != CandidateEffect.NOT_REPLAYABLE;
    String title =
        "%d × %s → %s: %s"
            .formatted(result.line().count(), request.issuer(), request.target(), claims(request));
    return new Node(
        Result.NONE,
        Evidence.clean(title),
        List.of(),
        List.of(),
        List.of(
            Node.leaf("before   " + Evidence.clean(result.before())),
            Node.leaf((known ? "after    " : "unknown  ") + Evidence.clean(result.after()))),
        new JsonObject()
            .put("change", result.change().label())
            .put("issuer", request.issuer())
            .put("target", request.target())
            .put("scopes", request.scopes())
            .put("claims", request.claims())
            .put("count", result.line().count())
            .put("before", result.before())
            .put(known ? "after" : "unknown", result.after()));
  }

  private static String claims(RecordedRequest request) {
    return new TreeMap<>(request.claims())
        .entrySet().stream()
            .map(claim -> claim.getKey() + "=" + claim.getValue())
            .collect(Collectors.joining(", "));
  }

  /** The counts, and each request that is not unchanged. */
  JsonObject json() {
    JsonObject counts = new JsonObject();
    JsonArray changes = new JsonArray();
    for (CandidateEffect effect : CandidateEffect.values()) {
      Node change = change(effect);
      counts.put(effect.label(), change.values());
      if (effect != CandidateEffect.UNCHANGED) {
        changes.addAll(Node.values(change.below()));
      }
    }
    return new JsonObject()
        .put("not_kept", recording.notKept())
        .put("lost", recording.lost())
        .put("counts", counts)
        .put("changes", changes);
  }

  /** The text for a person, which says how much of the traffic the recording does not contain. */
  String text() {
    Node tree =
        Node.of("replay", Stream.of(CandidateEffect.values()).map(this::shortened).toList());
    String gaps =
        "the recording is a sample: %d requests not kept, %d not counted\n"
            .formatted(recording.notKept(), recording.lost());
    return TextPrinter.print(tree) + (recording.lost() + recording.notKept() == 0 ? "" : gaps);
  }

  private Node shortened(CandidateEffect effect) {
    Node change = change(effect);
    return Node.of(
        change.result(),
        "%-15s %s".formatted(effect.label(), counts(effect)),
        effect == CandidateEffect.UNCHANGED ? List.of() : Node.few(change.below()));
  }
}
