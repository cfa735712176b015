package dev.tokenbroker.drill;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One fault: how it is injected, and what the broker must make of it. Built by one thread.
 *
 * <p>The words of {@link #seen} must stand in the verdict that operators read, and in nothing that
 * the caller gets; those of {@link #told} in both.
 */
final class Fault {

  /** For what operators have ordered themselves. */
  static final String NO_ALERT = "none";

  private static final int LONGEST_NAME = 60;

  /** An edge that a request comes through. */
  enum Edge {
    GRPC,
    HTTP
  }

  final String name;
  final Consumer<Scene> injection;
  final List<String> seen = new ArrayList<>();
  final List<String> seenAgain = new ArrayList<>();
  final List<String> told = new ArrayList<>();
  final List<String> hidden = new ArrayList<>();
  final List<String> nowhere = new ArrayList<>();
  final List<String> remedies = new ArrayList<>();
  final Map<Edge, List<String>> answers = new EnumMap<>(Edge.class);
  final Set<Edge> edges = EnumSet.allOf(Edge.class);
  boolean settles;
  boolean attributed = true;
  String reason = "";
  String party = "";
  String log = "";
  private String alert = "";
  String meter = "";

  private Fault(String name, Consumer<Scene> injection) {
    this.name = name;
    this.injection = injection;
  }

  static Fault of(String name, Consumer<Scene> injection) {
    return new Fault(name, injection);
  }

  /** Its name in documents and labels. */
  String slug() {
    String slug = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    return slug.substring(0, Math.min(slug.length(), LONGEST_NAME)).replaceAll("-$", "");
  }

  // --- the ending

  Fault caller(String refusal) {
    return refused(refusal, "caller");
  }

  Fault operator(String refusal) {
    return refused(refusal, "operator");
  }

  Fault issuer(String refusal) {
    return refused(refusal, "issuer");
  }

  Fault upstream(String refusal) {
    return refused(refusal, "upstream");
  }

  private Fault refused(String refusal, String whose) {
    reason = refusal;
    party = whose;
    return this;
  }

  // --- what is told

  Fault seen(String... words) {
    seen.addAll(List.of(words));
    return this;
  }

  /** The status over gRPC, and the status and the error over HTTP. */
  Fault answers(String code, int status, String error) {
    answers.put(Edge.GRPC, List.of("code=" + code));
    answers.put(Edge.HTTP, List.of("status=" + status, "error=" + error));
    return this;
  }

  /** What operators see from the second call on, which is told from memory. */
  Fault seenAgain(String... words) {
    seenAgain.addAll(List.of(words));
    return this;
  }

  Fault told(String... words) {
    told.addAll(List.of(words));
    return this;
  }

  /** What the caller must not get, beside what only operators see. */
  Fault hidden(String... words) {
    hidden.addAll(List.of(words));
    return this;
  }

  /** What must not be written anywhere, for operators neither. */
  Fault nowhere(String... words) {
    nowhere.addAll(List.of(words));
    return this;
  }

  Fault remedy(String... words) {
    remedies.addAll(List.of(words));
    return this;
  }

  // --- what is logged and counted

  /** The line that must be logged once; SLUG and ORIGIN stand for the name and for its peer. */
  Fault log(String regex) {
    log = regex;
    return this;
  }

  /** The alert that must select what is counted, where it is not the one of the party. */
  Fault alert(String rule) {
    alert = rule;
    return this;
  }

  /** A meter that must have counted, beside the refusals. */
  Fault meter(String series) {
    meter = series;
    return this;
  }

  /** It is seen only after a while, until when other endings are right. */
  Fault settles() {
    settles = true;
    return this;
  }

  /** Its meter does not name the peer. */
  Fault unattributed() {
    attributed = false;
    return this;
  }

  Fault only(Edge edge) {
    edges.retainAll(Set.of(edge));
    return this;
  }

  /** Whether the caller can do nothing about it. */
  boolean isOfPeerOrBroker() {
    return !reason.isEmpty() && !party.equals("caller");
  }

  String alert() {
    if (!alert.isEmpty()) {
      return alert;
    }
    return party.equals("operator") ? "TokenBrokerOperatorMustAct" : "TokenBrokerPeerFails";
  }
}
