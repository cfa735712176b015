package dev.tokenbroker.operate.changes.shape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.operate.changes.shape.ShapeWatch.SamplePermits;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShapeWatchTest {

  private static final String NAMES = "repo:acme/app:ref:refs/heads/main";
  private static final String IDS = "repo:acme@123456/app@456789:ref:refs/heads/main";

  private static final String RULES =
      WatchedIssuers.rule("deploy", "claims.sub == \"" + NAMES + "\"")
          + WatchedIssuers.rule("test", "subject.startsWith(\"repo:acme/app:\")")
          + WatchedIssuers.rule("other", "claims[\"kubernetes.io\"].namespace == \"x\"");

  @TempDir private Path directory;
  private WatchedIssuers issuers;

  @BeforeEach
  void start() {
    issuers = new WatchedIssuers(directory, WatchedIssuers.document(RULES));
  }

  private static Map<String, Object> claims(String claim, Object value) {
    Map<String, Object> claims = new HashMap<>();
    claims.put("iss", WatchedIssuers.ISS);
    claims.put("sub", NAMES);
    claims.put("aud", "https://broker.example");
    claims.put("kubernetes.io", Map.of("namespace", "payments"));
    claims.put("unread", "text");
    claims.put(claim, value);
    return claims;
  }

  private void learn() {
    for (int at = 0; at < LearnedShapes.LEARNED; at++) {
      issuers.accepted(claims("sub", "repo:acme/app:ref:refs/heads/branch-" + at));
    }
    assertThat(issuers.changes).isEmpty();
  }

  @Test
  void the_immutable_subject_of_github_is_one_change_with_its_rules() {
    learn();
    for (int at = 0; at < 20; at++) {
      issuers.refused(claims("sub", IDS + at));
    }

    assertThat(issuers.changes)
        .containsExactly(
            new Change(
                    ChangeKind.CLAIM_SHAPE_CHANGED,
                    SubjectKind.ISSUER,
                    WatchedIssuers.ISS,
                    "sub: <name>:<name>:<name>:<name>",
                    "sub: <name>:<name>@<digits>:<name>:<name> (read by rules deploy, test)")
                .with(Clue.of(Clue.claims("orders"))));
  }

  @Test
  void a_credential_for_another_audience_shows_its_new_shape() {
    learn();
    issuers.misdirected(claims("aud", "0f8fad5b-d9cb-469f-a165-70867728950e"));

    assertThat(issuers.changes)
        .extracting(Change::is)
        .containsExactly("aud: <uuid> (compared with the audiences)");
  }

  @Test
  void a_claim_member_that_vanishes_or_becomes_a_number_is_a_change() {
    learn();
    issuers.refused(claims("kubernetes.io", "text"));
    issuers.refused(claims("kubernetes.io", Map.of("namespace", 42L)));

    assertThat(issuers.changes)
        .extracting(Change::is)
        .containsExactly(
            "claims[\"kubernetes.io\"].namespace: missing (read by rule other)",
            "claims[\"kubernetes.io\"].namespace: number (read by rule other)");
  }

  @Test
  void a_claim_that_no_rule_reads_may_change() {
    learn();
    issuers.accepted(claims("unread", 42L));

    assertThat(issuers.changes).isEmpty();
  }

  @Test
  void a_credential_without_a_verified_signature_teaches_nothing() {
    learn();
    Trail trail = new Trail();
    trail.issuer("github");
    trail.refuse(Step.SIGNATURE, Refusal.of(RefusalReason.SIGNATURE_INVALID));
    for (int at = 0; at < 100; at++) {
      issuers.offer(issuers.record(trail, null, null, "forged-" + at));
      issuers.round();
    }
    issuers.refused(claims("sub", IDS));

    assertThat(issuers.changes).hasSize(1);
  }

  @Test
  void a_credential_that_is_sent_again_and_again_teaches_once() {
    for (int at = 0; at < 100; at++) {
      issuers.offer(issuers.record(ofGithub(), issuers.judged(claims("sub", NAMES)), null, "same"));
      issuers.round();
    }
    issuers.accepted(claims("sub", IDS));

    assertThat(issuers.changes).isEmpty();
  }

  @Test
  void a_held_token_is_not_looked_at() {
    learn();
    Trail hit = ofGithub();
    hit.passed(Step.CACHE, "", "");
    issuers.offer(issuers.record(hit, issuers.judged(claims("sub", IDS)), null, "hit"));
    issuers.round();

    assertThat(issuers.changes).isEmpty();
  }

  @Test
  void shapes_stay_when_another_federation_comes_into_force() {
    learn();
    String renamed = WatchedIssuers.rule("renamed", "claims.sub == \"x\" && claims.ref == \"y\"");
    issuers.replace(WatchedIssuers.document(renamed));
    issuers.refused(claims("sub", IDS));

    assertThat(issuers.changes)
        .extracting(Change::is)
        .singleElement()
        .asString()
        .endsWith("(read by rule renamed)");
  }

  @Test
  void a_rule_that_takes_the_subject_for_its_token_reads_it() {
    issuers.replace(
        WatchedIssuers.document(
            "  - {name: taking, issuer: github, audience: orders, when: 'claims.ref == \"x\"'}"));
    learn();
    issuers.refused(claims("sub", IDS));

    assertThat(issuers.changes)
        .extracting(Change::is)
        .singleElement()
        .asString()
        .endsWith("(read by rule taking)");
  }

  @Test
  void no_value_of_a_claim_is_in_a_change() {
    learn();
    for (Object value :
        List.of("hush/hush:hush@hush", 4711L, List.of("hush"), Map.of("hush", 1L))) {
      issuers.refused(claims("sub", value));
      issuers.refused(claims("kubernetes.io", Map.of("namespace", value)));
    }

    assertThat(issuers.changes).hasSizeGreaterThan(5);
    assertThat(issuers.changes.toString()).doesNotContain("hush", "4711", "acme", "payments");
  }

  @Test
  void an_issuer_has_32_watched_claims_at_most() {
    String rules =
        IntStream.range(0, 100)
            .mapToObj(at -> WatchedIssuers.rule("r" + at, "claims.c" + at + " == \"x\""))
            .collect(Collectors.joining());
    issuers.replace(WatchedIssuers.document(rules));
    for (int round = 0; round < 60; round++) {
      Map<String, Object> claims = claims("sub", NAMES);
      Object value = round < 50 ? (Object) "x" : (Object) 42L;
      IntStream.range(0, 100).forEach(at -> claims.put("c" + at, value));
      issuers.accepted(claims);
    }

    assertThat(issuers.changes).hasSize(WatchedClaims.MAX - 2);
  }

  @Test
  void a_busy_issuer_has_50_samples_and_five_more_each_round() {
    SamplePermits permits = new SamplePermits();

    assertThat(IntStream.range(0, 1_000).filter(_ -> permits.take("github"))).hasSize(50);
    permits.refill();
    assertThat(IntStream.range(0, 1_000).filter(_ -> permits.take("github"))).hasSize(5);
    assertThat(permits.take("gitlab")).isTrue();
  }

  @Test
  void exchanges_beyond_a_full_queue_teach_nothing() {
    String others =
        IntStream.range(0, 6)
            .mapToObj(
                "  - {name: i%1$d, issuer: 'https://i%1$d.example', audiences: [b]}\n"::formatted)
            .collect(Collectors.joining());
    issuers.replace(WatchedIssuers.document(RULES).replace("targets:", others + "targets:"));
    for (int at = 0; at < 6 * SamplePermits.BURST; at++) {
      Trail trail = new Trail();
      trail.issuer("i" + at % 6);
      issuers.offer(issuers.record(trail, issuers.judged(claims("sub", NAMES)), null, "c" + at));
    }
    for (int at = 0; at < 10; at++) {
      issuers.offer(
          issuers.record(ofGithub(), issuers.judged(claims("sub", NAMES)), null, "g" + at));
    }
    issuers.round();
    issuers.accepted(claims("sub", IDS));
    issuers.accepted(claims("sub", 42L));

    assertThat(issuers.changes).isEmpty();
  }

  private static Trail ofGithub() {
    Trail trail = new Trail();
    trail.issuer("github");
    return trail;
  }
}
