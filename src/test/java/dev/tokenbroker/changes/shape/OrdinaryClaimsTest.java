package dev.tokenbroker.changes.shape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.runtime.TestClock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** 10,000 ordinary credentials of usual issuers, with many values of each claim: no change. */
class OrdinaryClaimsTest {

  private static final int CREDENTIALS = 10_000;
  private static final long SEED = 20_261_128;

  private static final List<String> BRANCH_PARTS =
      List.of(
          "main",
          "release",
          "feature",
          "fix",
          "dependabot",
          "@types",
          "2024",
          "v1.2",
          "a#b",
          "x=y",
          "café");

  private static final List<String> REPOSITORIES =
      List.of(
          "app", "2048", "user", "ref", "repo", "project", "my.app", "my-app", "a_b", "org", "api");

  enum OrdinaryIssuer {
    GITHUB,
    GITHUB_WITH_IDS,
    GITLAB,
    KUBERNETES,
    GOOGLE,
    ENTRA,
    SPIFFE,
    AUTH0,
    KEYCLOAK
  }

  @ParameterizedTest
  @EnumSource
  void values_of_ordinary_claims_are_no_change(OrdinaryIssuer issuer) {
    Random random = new Random(SEED);
    TestClock clock = new TestClock();
    Map<String, LearnedShapes> learned = new HashMap<>();
    Map<String, String> changes = new LinkedHashMap<>();
    for (int at = 0; at < CREDENTIALS; at++) {
      int credential = at;
      claims(issuer, random)
          .forEach(
              (name, value) -> {
                ClaimShape shape = ClaimShape.of(name, value);
                Optional<ClaimShape> was =
                    learned
                        .computeIfAbsent(name, _ -> new LearnedShapes(clock.nanoTime()))
                        .see(shape, false, clock.nanoTime());
                was.ifPresent(
                    known ->
                        changes.put(
                            credential + " " + name + " " + value,
                            known.label() + " -> " + shape.label()));
              });
    }

    assertThat(changes).as("seed %d", SEED).isEmpty();
    // No claim has become free form, so that another template still counts.
    ClaimShape other = ClaimShape.of("sub", "repo:a:b:c:d");
    assertThat(learned)
        .allSatisfy(
            (_, shapes) -> assertThat(shapes.see(other, false, clock.nanoTime())).isPresent());
  }

  private static Map<String, @Nullable Object> claims(OrdinaryIssuer issuer, Random random) {
    return switch (issuer) {
      case GITHUB -> github(random);
      case GITHUB_WITH_IDS -> githubWithIds(random);
      case GITLAB -> gitlab(random);
      case KUBERNETES -> kubernetes(random);
      case GOOGLE -> google(random);
      case ENTRA -> entra(random);
      case SPIFFE -> spiffe(random);
      case AUTH0 -> auth0(random);
      case KEYCLOAK -> keycloak(random);
    };
  }

  private static Map<String, @Nullable Object> github(Random random) {
    return github(
        random, word(random) + "/" + pick(random, REPOSITORIES) + number(random, "", 100));
  }

  private static Map<String, @Nullable Object> githubWithIds(Random random) {
    return github(
        random,
        word(random)
            + number(random, "@", 1_000_000)
            + "/"
            + pick(random, REPOSITORIES)
            + number(random, "@", 1_000_000));
  }

  private static Map<String, @Nullable Object> github(Random random, String repository) {
    boolean request = random.nextInt(4) == 0;
    boolean tag = random.nextInt(4) == 0;
    @Nullable String environment =
        random.nextInt(4) == 0 ? pick(random, List.of("prod", "EU West", "a/b", "7")) : null;
    String ref =
        request
            ? "refs/pull/" + random.nextInt(10_000) + "/merge"
            : tag ? "refs/tags/v" + random.nextInt(100) + ".1" : "refs/heads/" + branch(random);
    Map<String, @Nullable Object> claims = new HashMap<>();
    claims.put(
        "sub",
        "repo:"
            + repository
            + (environment != null
                ? ":environment:" + environment.replace(" ", "%20")
                : request ? ":pull_request" : ":ref:" + ref));
    claims.put("aud", "https://github.com/" + word(random));
    claims.put("repository", repository.replaceAll("@\\d+", ""));
    claims.put("repository_id", number(random, "", 1_000_000_000));
    claims.put("ref", ref);
    claims.put("head_ref", request ? branch(random) : "");
    claims.put("environment", environment);
    claims.put(
        "event_name",
        request ? "pull_request" : pick(random, List.of("push", "schedule", "workflow_dispatch")));
    claims.put(
        "workflow",
        pick(random, List.of("CI", "build & test", "CI / build: all", ".github/workflows/a.yml")));
    claims.put(
        "job_workflow_ref",
        "acme/" + pick(random, REPOSITORIES) + "/.github/workflows/w.yml@" + ref);
    claims.put("sha", hex(random, 40));
    claims.put("run_attempt", number(random, "", 3));
    return claims;
  }

  private static Map<String, @Nullable Object> gitlab(Random random) {
    boolean tag = random.nextInt(4) == 0;
    String project =
        "group-"
            + word(random)
            + "/"
            + word(random)
            + (random.nextBoolean() ? "/" + pick(random, REPOSITORIES) : "");
    String ref = tag ? "v" + random.nextInt(100) : branch(random);
    Map<String, @Nullable Object> claims = new HashMap<>();
    claims.put(
        "sub", "project_path:" + project + ":ref_type:" + (tag ? "tag" : "branch") + ":ref:" + ref);
    claims.put("project_path", project);
    claims.put("namespace_path", project.substring(0, project.lastIndexOf('/')));
    claims.put("ref", ref);
    claims.put("ref_protected", random.nextBoolean() ? "true" : "false");
    claims.put("user_login", word(random) + random.nextInt(100));
    claims.put("user_email", word(random) + "+x@" + word(random) + ".example");
    claims.put("job_id", number(random, "", 1_000_000_000));
    return claims;
  }

  private static Map<String, @Nullable Object> kubernetes(Random random) {
    String namespace =
        pick(
            random,
            List.of("kube-system", "payments", "123", "ref", "pr-" + random.nextInt(1_000)));
    Map<String, @Nullable Object> claims = new HashMap<>();
    claims.put(
        "sub", "system:serviceaccount:" + namespace + ":" + word(random) + random.nextInt(100));
    claims.put("aud", List.of("https://kubernetes.default.svc.cluster.local"));
    claims.put("namespace", namespace);
    claims.put("uid", UUID.nameUUIDFromBytes(bytes(random)).toString());
    return claims;
  }

  private static Map<String, @Nullable Object> google(Random random) {
    Map<String, @Nullable Object> claims = new HashMap<>();
    claims.put("sub", "1" + number(random, "", 1_000_000_000) + number(random, "", 1_000_000_000));
    claims.put("aud", "https://" + word(random) + ".example" + "/a".repeat(1 + random.nextInt(6)));
    claims.put(
        "email",
        word(random) + "." + word(random) + "@" + word(random) + ".iam.gserviceaccount.com");
    claims.put("email_verified", random.nextBoolean());
    return claims;
  }

  private static Map<String, @Nullable Object> entra(Random random) {
    Map<String, @Nullable Object> claims = new HashMap<>();
    UUID id = UUID.nameUUIDFromBytes(bytes(random));
    claims.put("sub", id.toString());
    claims.put("aud", "api://" + id);
    claims.put("idp", "https://sts.windows.net/" + id + "/");
    claims.put(
        "xms_mirid",
        "/subscriptions/"
            + id
            + "/resourcegroups/"
            + word(random)
            + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/"
            + word(random));
    claims.put("roles", random.nextInt(4) == 0 ? List.of() : List.of(word(random)));
    return claims;
  }

  private static Map<String, @Nullable Object> spiffe(Random random) {
    Map<String, @Nullable Object> claims = new HashMap<>();
    claims.put(
        "sub",
        "spiffe://"
            + word(random)
            + ".example"
            + (random.nextBoolean()
                ? "/ns/" + word(random) + "/sa/" + word(random)
                : "/workload".repeat(1 + random.nextInt(5))));
    claims.put("aud", List.of("broker", "other").subList(0, 1 + random.nextInt(2)));
    return claims;
  }

  private static Map<String, @Nullable Object> auth0(Random random) {
    Map<String, @Nullable Object> claims = new HashMap<>();
    claims.put(
        "sub",
        switch (random.nextInt(3)) {
          case 0 -> "auth0|" + hex(random, 23) + "a1";
          case 1 -> "google-oauth2|1" + number(random, "", 1_000_000_000);
          default -> word(random) + random.nextInt(100) + "X@clients";
        });
    claims.put("permissions", List.of("read:" + word(random)));
    return claims;
  }

  private static Map<String, @Nullable Object> keycloak(Random random) {
    Map<String, @Nullable Object> claims = new HashMap<>();
    claims.put("sub", UUID.nameUUIDFromBytes(bytes(random)).toString());
    claims.put("aud", random.nextBoolean() ? "account" : List.of("account", word(random)));
    claims.put("preferred_username", "service-account-" + word(random));
    claims.put("groups", random.nextBoolean() ? List.of("/a/" + word(random)) : List.of());
    return claims;
  }

  private static String branch(Random random) {
    StringBuilder branch = new StringBuilder(pick(random, BRANCH_PARTS));
    for (int more = random.nextInt(4); more > 0; more--) {
      branch.append('/').append(pick(random, BRANCH_PARTS));
    }
    return branch.toString();
  }

  private static String word(Random random) {
    StringBuilder word = new StringBuilder();
    for (int left = 3 + random.nextInt(8); left > 0; left--) {
      word.append((char) ('g' + random.nextInt(20)));
    }
    return word.toString();
  }

  private static String hex(Random random, int length) {
    StringBuilder hex = new StringBuilder();
    for (int at = 0; at < length; at++) {
      hex.append(Character.forDigit(random.nextInt(16), 16));
    }
    return hex.toString();
  }

  private static String number(Random random, String before, int bound) {
    return before + (1 + random.nextInt(bound));
  }

  private static byte[] bytes(Random random) {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return bytes;
  }

  private static String pick(Random random, List<String> from) {
    return from.get(random.nextInt(from.size()));
  }
}
