package dev.tokenbroker.operate.changes.shape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.process.runtime.TestClock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** 10,000 ordinary credentials of each issuer, with many values of each claim: no change. */
class OrdinaryClaimsTest {

  private static final int CREDENTIALS = 10_000;
  private static final long SEED = 20_261_128;

  private static final List<String> NAMES =
      List.of("main", "release", "2024", "v1.2", "@types", "a#b", "x=y", "café", "my-app", "a_b");

  private final Random random = new Random(SEED);

  /** Makes the claims of one more credential. */
  private interface OrdinaryIssuer {
    Map<String, @Nullable Object> claims();
  }

  @Test
  void values_of_ordinary_claims_are_no_change() {
    noChange(this::github);
    noChange(this::gitlab);
    noChange(this::kubernetes);
    noChange(this::people);
  }

  private void noChange(OrdinaryIssuer issuer) {
    TestClock clock = new TestClock();
    Map<String, LearnedShapes> learned = new HashMap<>();
    Map<String, String> changes = new LinkedHashMap<>();
    for (int at = 0; at < CREDENTIALS; at++) {
      issuer
          .claims()
          .forEach(
              (name, value) ->
                  learned
                      .computeIfAbsent(name, _ -> new LearnedShapes(clock.nanoTime()))
                      .see(ClaimShape.of(value), false, clock.nanoTime())
                      .ifPresent(was -> changes.put(name + " " + value, was.label())));
    }

    assertThat(changes).as("seed %d", SEED).isEmpty();
    // No claim has too many masks, so that another one still counts.
    ClaimShape other = ClaimShape.of("a|b:c|d");
    assertThat(learned)
        .allSatisfy(
            (_, shapes) -> assertThat(shapes.see(other, false, clock.nanoTime())).isPresent());
  }

  private Map<String, @Nullable Object> github() {
    String repository = name() + "/" + name();
    boolean request = random.nextInt(4) == 0;
    String ref = request ? "refs/pull/" + random.nextInt(100) + "/merge" : "refs/heads/" + branch();
    Map<String, @Nullable Object> claims = new HashMap<>();
    claims.put("sub", "repo:" + repository + (request ? ":pull_request" : ":ref:" + ref));
    claims.put("aud", "https://github.com/" + name());
    claims.put("repository", repository);
    claims.put("repository_id", String.valueOf(random.nextInt(1_000_000)));
    claims.put("ref", ref);
    claims.put("environment", request ? null : pick("prod", "EU West", "build / all: 7"));
    claims.put("job_workflow_ref", repository + "/.github/workflows/w.yml@" + ref);
    claims.put("sha", "%040x".formatted(random.nextLong(1L << 40)));
    return claims;
  }

  private Map<String, @Nullable Object> gitlab() {
    String project = "group/" + name() + (random.nextBoolean() ? "/" + name() : "");
    String type = pick("branch", "tag");
    Map<String, @Nullable Object> claims = new HashMap<>();
    claims.put("sub", "project_path:" + project + ":ref_type:" + type + ":ref:" + branch());
    claims.put("project_path", project);
    claims.put("user_email", "alice+" + random.nextInt(10) + "@acme.example");
    return claims;
  }

  private Map<String, @Nullable Object> kubernetes() {
    String namespace = pick("kube-system", "payments", "pr-" + random.nextInt(100), "123");
    Map<String, @Nullable Object> claims = new HashMap<>();
    claims.put("sub", "system:serviceaccount:" + namespace + ":" + name());
    claims.put("aud", List.of("https://kubernetes.default.svc.cluster.local"));
    claims.put("uid", new UUID(random.nextLong(), random.nextLong()).toString());
    return claims;
  }

  private Map<String, @Nullable Object> people() {
    Map<String, @Nullable Object> claims = new HashMap<>();
    claims.put("sub", pick("auth0|5f7c8ec7c33c6c", "google-oauth2|10412345678901", "x@clients"));
    claims.put("aud", random.nextBoolean() ? "account" : List.of("account", name()));
    claims.put("email_verified", random.nextBoolean());
    claims.put("groups", random.nextBoolean() ? List.of("/a/" + name()) : List.of());
    return claims;
  }

  private String branch() {
    StringBuilder branch = new StringBuilder(name());
    for (int more = random.nextInt(4); more > 0; more--) {
      branch.append('/').append(name());
    }
    return branch.toString();
  }

  private String name() {
    return pick(NAMES.toArray(String[]::new));
  }

  private String pick(String... from) {
    return from[random.nextInt(from.length)];
  }
}
