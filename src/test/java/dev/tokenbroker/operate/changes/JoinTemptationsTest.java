package dev.tokenbroker.operate.changes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.federation.DocumentClues;
import dev.tokenbroker.evaluate.federation.Federations.NewRevision;
import dev.tokenbroker.judge.issuer.ReportedChanges;
import dev.tokenbroker.operate.changes.ChangeEvent.RefusedPeer;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Changes, refusals that rise right after them, and whether the one explains the other. */
class JoinTemptationsTest {

  private static final String CI = "https://ci.example";
  private static final String SLASH = Clue.issuer(CI + "/");

  private static final String DOCUMENT =
      """
      issuers:
        - {name: ci, issuer: https://ci.example/, audiences: [https://broker.example], leeway: 60s}
        - {name: hr, issuer: https://hr.example, audiences: [https://broker.example]}
      clients:
        - {name: app, jwksUri: https://app.example/jwks, may: [exchange, revoke]}
        - {name: shop, jwksUri: https://shop.example/jwks, may: [exchange]}
      targets:
        - {audience: pay, mint: {lifetime: 10m}}
        - {audience: hr}
        - {audience: gone}
        - {audience: idle}
      rules:
        - {name: a, issuer: ci, when: claims.env == "a", audience: pay, scopes: [read-a]}
        - {name: b, issuer: ci, when: claims.env == "b", audience: hr, scopes: [read-b]}
        - {name: c, client: app, when: claims.env == "c", audience: pay, scopes: [read-c]}
        - {name: d, client: shop, when: claims.env == "d", audience: pay, scopes: [read-d]}
      """;

  private final TestClock clock = new TestClock();
  private final ChangeLog log = new ChangeLog(Optional::empty, clock, _ -> Optional.of("ci"));
  private final Set<String> targets = new TreeSet<>(Set.of("pay", "gone", "orders"));
  private final RefusalHistory history = new RefusalHistory(clock, () -> targets);
  private final Causes causes =
      new Causes(
          peer -> Set.of(peer.name().equals("hr") ? "tls hr" : "tls corp", "own-client reader"));
  private final Correlation correlation = new Correlation(log, history, causes, clock);

  record Row(String name, Change change, RefusalEvidence refused) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Row> trueChanges() {
    RefusalReason invalid = RefusalReason.UPSTREAM_CERTIFICATE_INVALID;
    return List.of(
        new Row("key removed", removed("T1"), key(RefusalReason.KEY_UNKNOWN, "T1")),
        new Row("cooling down", removed("T1"), key(RefusalReason.KEY_REFETCH_COOLING_DOWN, "T1")),
        new Row("key replaced", replaced("T1"), key(RefusalReason.SIGNATURE_INVALID, "T1")),
        new Row("clock behind", ReportedChanges.clock(0, -300), late(240)),
        new Row("clock ahead", ReportedChanges.clock(0, 300), early(301)),
        new Row("a little more ahead", ReportedChanges.clock(50, 70), early(70)),
        new Row("shape", shape(Clue.claims("pay")), rule("NO_RULE_MATCHED", "pay", "")),
        new Row("audience", shape("AUDIENCE_MISMATCH"), of("AUDIENCE_MISMATCH")),
        new Row("issuer with a slash", discovery(CI, CI + "/"), nearMiss(SLASH)),
        new Row("certificate", upstream(ChangeKind.CERTIFICATE_CHANGED), sso(invalid)),
        new Row("expired", expiring(invalid.name()), sso(invalid)),
        new Row("circuit", upstream(ChangeKind.CIRCUIT_OPENED), open("UPSTREAM_UNAVAILABLE")),
        new Row("open for it", upstream(ChangeKind.CERTIFICATE_CHANGED), open(invalid.name())),
        new Row("root removed", bundle("corp", true), untrusted("sso")),
        new Row("secret", upstream(ChangeKind.SECRET_RELOADED), sso("UPSTREAM_CLIENT_REFUSED")),
        new Row("own client", ownClient("reader"), of("OWN_TOKEN_REFUSED")),
        new Row("rule", condition("a"), rule("NO_RULE_MATCHED", "pay", "")),
        new Row("scopes", edited("read-a", "write"), rule("SCOPE_NOT_GRANTED", "pay", "a")),
        new Row(
            "target gone",
            edited("  - {audience: gone}\n", ""),
            rule("TARGET_UNKNOWN", "gone", "")),
        new Row(
            "client disabled", edited("app,", "app, disabled: true,"), client("CLIENT_DISABLED")),
        new Row("rights", edited(", revoke", ""), client("CLIENT_NOT_PERMITTED")),
        new Row("its rule", condition("c"), client("NO_RULE_MATCHED")),
        new Row("renamed in the document", edited(CI + "/", CI), nearMiss(SLASH)));
  }

  static List<Row> temptations() {
    RefusalReason unknown = RefusalReason.KEY_UNKNOWN;
    return List.of(
        new Row("an unused key removed", removed("T2"), key(unknown, "T1")),
        new Row("a made-up kid", removed("T1"), unproved(unknown)),
        new Row("a made-up signature", replaced("T1"), unproved(RefusalReason.SIGNATURE_INVALID)),
        new Row("the key that came back", replaced("T2"), key(unknown, "T1")),
        new Row("a key added", issuer(ChangeKind.KEY_ADDED), key(unknown, "T1")),
        new Row("the keys moved", issuer(ChangeKind.KEY_LOCATION_MOVED), key(unknown, "T1")),
        new Row("7 s, late by an hour", ReportedChanges.clock(0, -7), late(3_600)),
        new Row("300 s, late by 320 s", ReportedChanges.clock(0, -300), late(320)),
        new Row("ahead, but late", ReportedChanges.clock(0, 300), late(120)),
        new Row("behind, but early", ReportedChanges.clock(0, -300), early(120)),
        new Row("set right again", ReportedChanges.clock(300, 0), early(300)),
        new Row("7 s more, early by 300 s", ReportedChanges.clock(293, 300), early(300)),
        new Row("another claim", shape(Clue.claims("hr")), rule("NO_RULE_MATCHED", "pay", "")),
        new Row("a claim, not the audience", shape(Clue.claims("pay")), of("AUDIENCE_MISMATCH")),
        new Row(
            "another member",
            ReportedChanges.discovery(metadata(CI, 1), metadata(CI, 2)),
            of("DISCOVERY_ISSUER_MISMATCH")),
        new Row("the name without slash again", discovery(CI + "/", CI), nearMiss(SLASH)),
        new Row(
            "an unsigned slash", discovery(CI, CI + "/"), unproved(RefusalReason.ISSUER_NEAR_MISS)),
        new Row("another TLS configuration", bundle("corp", true), untrusted("hr")),
        new Row("one more root", bundle("corp", false), untrusted("sso")),
        new Row("expires in days", expiring(), sso(RefusalReason.UPSTREAM_CERTIFICATE_INVALID)),
        new Row(
            "open for 503", upstream(ChangeKind.CERTIFICATE_CHANGED), open("UPSTREAM_UNAVAILABLE")),
        new Row(
            "closed circuit", upstream(ChangeKind.CIRCUIT_CLOSED), open("UPSTREAM_UNAVAILABLE")),
        new Row("another own client", ownClient("other"), of("OWN_TOKEN_REFUSED")),
        new Row("a rule for another target", condition("b"), rule("NO_RULE_MATCHED", "pay", "")),
        new Row("another rule", edited("read-b", "write"), rule("SCOPE_NOT_GRANTED", "pay", "a")),
        new Row("only its scopes", edited("read-a", "write"), rule("NO_RULE_MATCHED", "pay", "")),
        new Row(
            "another target gone",
            edited("  - {audience: idle}\n", ""),
            rule("TARGET_UNKNOWN", "gone", "")),
        new Row(
            "another client", edited("shop,", "shop, disabled: true,"), client("CLIENT_DISABLED")),
        new Row(
            "another right",
            edited("app.example/jwks", "app.example/keys"),
            client("CLIENT_NOT_PERMITTED")),
        new Row("rule of another client", condition("d"), client("CLIENT_NOT_ADMITTED")),
        new Row(
            "another issuer",
            edited("hr.example, audiences: [https://broker", "hr.example, audiences: [https://hr"),
            of("AUDIENCE_MISMATCH")),
        new Row("another value", edited("60s", "30s"), of("AUDIENCE_MISMATCH")),
        new Row(
            "no entry",
            edited("issuers:", "# Nothing else.\nissuers:"),
            rule("NO_RULE_MATCHED", "pay", "")));
  }

  @BeforeEach
  void run() {
    clock.advance(Duration.ofMinutes(10));
  }

  @ParameterizedTest
  @MethodSource("trueChanges")
  void what_explains_a_refusal_is_joined(Row row) {
    assertThat(joinedAfter(row)).isTrue();
  }

  @ParameterizedTest
  @MethodSource("temptations")
  void what_only_comes_at_the_same_time_is_not_joined(Row row) {
    assertThat(joinedAfter(row)).isFalse();
  }

  /** Refusals of a made-up kid or of another rule, ten times as many, before and after. */
  @ParameterizedTest
  @MethodSource("trueChanges")
  void noise_hides_no_join(Row row) {
    for (int second = 0; second < 60; second++) {
      count(10, unproved(row.refused().reason()));
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(joinedAfter(row)).isTrue();
  }

  @Test
  void the_certificate_stands_before_the_circuit_that_it_opened() {
    log.changed(upstream(ChangeKind.CERTIFICATE_CHANGED));
    log.changed(upstream(ChangeKind.CIRCUIT_OPENED));
    count(20, open("UPSTREAM_CERTIFICATE_INVALID"));
    clock.advance(Duration.ofSeconds(10));
    correlation.round();

    assertThat(log.events()).extracting(event -> event.joined().size()).containsExactly(1, 0);
  }

  /** A fault of 20 s, once a minute. */
  @ParameterizedTest
  @MethodSource("trueChanges")
  void a_change_that_is_repeated_is_joined_again(Row row) {
    for (int second = 0; second < 180; second++) {
      if (second % 60 == 0) {
        log.changed(row.change());
      }
      count(second % 60 < 20 ? 2 : 0, row.refused());
      clock.advance(Duration.ofSeconds(1));
      correlation.round();
    }

    assertThat(log.events()).extracting(event -> event.joined().size()).containsExactly(1, 1, 1);
  }

  /** The same change twice, and refusals without a pause since the first. */
  @Test
  void joins_a_change_repeated_during_refusals_once() {
    for (int second = 0; second < 200; second++) {
      if (second == 0 || second == 60) {
        log.changed(condition("a"));
      }
      count(second % 7 == 0 ? 1 : 0, rule("NO_RULE_MATCHED", "pay", ""));
      clock.advance(Duration.ofSeconds(1));
      correlation.round();
    }

    assertThat(log.events()).extracting(event -> event.joined().size()).containsExactly(1, 0);
  }

  @Test
  void many_invented_targets_do_not_hide_a_removed_target() {
    assertHidesNoRemovedTarget(RefusalHistory.MAX_DETAILS + 1);
  }

  @Tag("whole")
  @Test
  void ten_thousand_made_up_targets_hide_none_that_was_removed() {
    assertHidesNoRemovedTarget(10_000);
  }

  private void assertHidesNoRemovedTarget(int madeUp) {
    IntStream.range(0, madeUp).forEach(at -> count(1, rule("TARGET_UNKNOWN", "made-up-" + at, "")));
    assertThat(history.counted()).hasSize(1);

    history.replaced(new NewRevision());
    targets.remove("gone");
    assertThat(
            joinedAfter(
                new Row(
                    "", edited("  - {audience: gone}\n", ""), rule("TARGET_UNKNOWN", "gone", ""))))
        .isTrue();
  }

  @Test
  void credentials_of_any_age_have_few_amounts_of_time() {
    assertFewAmounts(2 * RefusalHistory.MAX_DETAILS);
  }

  @Tag("whole")
  @Test
  void credentials_up_to_two_days_old_have_few_amounts_of_time() {
    assertFewAmounts(200_000);
  }

  private void assertFewAmounts(int seconds) {
    IntStream.range(0, seconds).forEach(at -> count(1, late(at)));

    assertThat(history.counted()).hasSizeLessThan(RefusalHistory.MAX_DETAILS / 4);
  }

  /** The last of the targets has no counter of its own until others are forgotten. */
  @Test
  void a_steady_stream_that_gets_a_counter_of_its_own_is_no_rise() {
    IntStream.range(0, RefusalHistory.MAX_DETAILS).forEach(at -> targets.add("t" + at));
    targets.stream()
        .filter(target -> target.startsWith("t"))
        .forEach(target -> count(1, rule("NO_RULE_MATCHED", target, "")));
    for (int second = 0; second < 1_200; second++) {
      count(1, rule("NO_RULE_MATCHED", "pay", ""));
      if (second % 60 == 0 && second >= 840) {
        log.changed(condition("a"));
      }
      clock.advance(Duration.ofSeconds(1));
      if (second % 5 == 4) {
        correlation.round();
      }
    }

    assertThat(history.counted()).extracting(each -> each.refused().target()).contains("pay");
    assertThat(log.events()).allSatisfy(event -> assertThat(event.joined()).isEmpty());
  }

  private boolean joinedAfter(Row row) {
    log.changed(row.change());
    count(20, row.refused());
    clock.advance(Duration.ofSeconds(10));
    correlation.round();
    return !log.events().getLast().joined().isEmpty();
  }

  private void count(int times, RefusalEvidence refused) {
    IntStream.range(0, times).forEach(_ -> history.count(refused));
  }

  private static Change issuer(ChangeKind kind) {
    return Change.ofIssuer(kind, CI, "a", "b");
  }

  private static Change removed(String key) {
    return ReportedChanges.keys(Map.of("k", Set.of(key)), Map.of());
  }

  private static Change replaced(String key) {
    return ReportedChanges.keys(Map.of("k", Set.of(key)), Map.of("k", Set.of("T3")));
  }

  private static Change shape(String name) {
    return issuer(ChangeKind.CLAIM_SHAPE_CHANGED).with(Clue.of(name));
  }

  private static Change discovery(String was, String is) {
    return ReportedChanges.discovery(metadata(was, 1), metadata(is, 1));
  }

  private static String metadata(String issuer, int version) {
    return "{\"issuer\":\"" + issuer + "\",\"version\":" + version + "}";
  }

  private static Change upstream(ChangeKind kind) {
    return Change.ofUpstream(kind, "sso", "a", "b");
  }

  private static Change expiring(String... reasons) {
    return upstream(ChangeKind.CERTIFICATE_EXPIRING).with(Clue.of(reasons));
  }

  private static Change bundle(String name, boolean removed) {
    return new Change(ChangeKind.CA_BUNDLE_RELOADED, SubjectKind.TLS, name, "2", "1")
        .with(removed ? Clue.of("removed") : Clue.none());
  }

  private static Change ownClient(String name) {
    return new Change(ChangeKind.SECRET_RELOADED, SubjectKind.OWN_CLIENT, name, "", "b");
  }

  /** The document with another text in one place. */
  private static Change edited(String from, String to) {
    assertThat(DOCUMENT).contains(from);
    return new Change(ChangeKind.FEDERATION_LOADED, SubjectKind.FEDERATION, "", "a", "b")
        .with(DocumentClues.between(DOCUMENT, DOCUMENT.replace(from, to)));
  }

  /** Another condition of that rule. */
  private static Change condition(String rule) {
    return edited("== \"" + rule + "\"", "== \"other\"");
  }

  private static RefusalEvidence of(String reason) {
    return evidence(RefusalReason.valueOf(reason), true, "", "", Clue.none());
  }

  private static RefusalEvidence key(RefusalReason reason, String thumbprint) {
    return evidence(reason, true, "", "", Clue.signed(thumbprint));
  }

  private static RefusalEvidence unproved(RefusalReason reason) {
    return evidence(reason, false, "", "", Clue.none());
  }

  private static RefusalEvidence nearMiss(String name) {
    return evidence(RefusalReason.ISSUER_NEAR_MISS, true, "", "", Clue.signed(name));
  }

  private static RefusalEvidence late(long seconds) {
    return evidence(RefusalReason.CREDENTIAL_EXPIRED, true, "", "", skew(false, seconds));
  }

  private static RefusalEvidence early(long seconds) {
    return evidence(RefusalReason.CREDENTIAL_NOT_YET_VALID, true, "", "", skew(true, seconds));
  }

  private static Clue skew(boolean early, long seconds) {
    return new Clue.Skew(early, Duration.ofSeconds(seconds), Duration.ofMinutes(1));
  }

  private static RefusalEvidence rule(String reason, String target, String rule) {
    return evidence(RefusalReason.valueOf(reason), true, target, rule, Clue.none());
  }

  private static RefusalEvidence evidence(
      RefusalReason reason, boolean proved, String target, String rule, Clue clue) {
    RefusedPeer ci = new RefusedPeer(SubjectKind.ISSUER, "ci");
    return new RefusalEvidence(ci, reason, proved, target, rule, "", clue);
  }

  private static RefusalEvidence client(String reason) {
    RefusedPeer ci = new RefusedPeer(SubjectKind.ISSUER, "ci");
    return new RefusalEvidence(
        ci, RefusalReason.valueOf(reason), true, "pay", "", "app", Clue.none());
  }

  private static RefusalEvidence untrusted(String upstream) {
    return ofUpstream(upstream, RefusalReason.UPSTREAM_TLS_UNTRUSTED, Clue.none());
  }

  private static RefusalEvidence sso(RefusalReason reason) {
    return ofUpstream("sso", reason, Clue.none());
  }

  private static RefusalEvidence sso(String reason) {
    return sso(RefusalReason.valueOf(reason));
  }

  private static RefusalEvidence open(String behind) {
    return ofUpstream("sso", RefusalReason.UPSTREAM_CIRCUIT_OPEN, Clue.of(behind));
  }

  private static RefusalEvidence ofUpstream(String name, RefusalReason reason, Clue clue) {
    RefusedPeer peer = new RefusedPeer(SubjectKind.UPSTREAM, name);
    return new RefusalEvidence(peer, reason, true, "orders", "", "", clue);
  }
}
