package dev.tokenbroker.evaluate.exchange.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.evaluate.exchange.admission.CredentialDigest;
import dev.tokenbroker.judge.possession.Binding;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CacheKeyTest {

  private static final CredentialDigest CREDENTIAL = CredentialDigest.of("credential");
  private static final CacheKey KEY = key(List.of("read", "deploy"));

  @Test
  void is_the_same_for_the_same_request() {
    assertThat(key(List.of("read", "deploy"))).isEqualTo(KEY).hasSameHashCodeAs(KEY);
  }

  @Test
  void takes_scopes_as_a_set() {
    assertThat(key(List.of("deploy", "read"))).isEqualTo(KEY).hasSameHashCodeAs(KEY);
    assertThat(key(Set.of("read", "deploy"))).isEqualTo(KEY);
    assertThat(key(List.of("read", "deploy", "read"))).isEqualTo(KEY).hasSameHashCodeAs(KEY);
  }

  static List<CacheKey> others() {
    CredentialDigest other = CredentialDigest.of("another");
    Duration lifetime = Duration.ofMinutes(5);
    List<String> scopes = List.of("read", "deploy");
    return List.of(
        KEY.by("gateway"),
        CacheKey.of(other, "jwt", "payments", scopes, lifetime, List.of(), "revision"),
        CacheKey.of(CREDENTIAL, "id_token", "payments", scopes, lifetime, List.of(), "revision"),
        CacheKey.of(CREDENTIAL, "jwt", "orders", scopes, lifetime, List.of(), "revision"),
        CacheKey.of(
            CREDENTIAL, "jwt", "payments", List.of("read"), lifetime, List.of(), "revision"),
        CacheKey.of(CREDENTIAL, "jwt", "payments", List.of(), lifetime, List.of(), "revision"),
        CacheKey.of(
            CREDENTIAL, "jwt", "payments", scopes, lifetime.plusNanos(1), List.of(), "revision"),
        CacheKey.of(CREDENTIAL, "jwt", "payments", scopes, null, List.of(), "revision"),
        CacheKey.of(CREDENTIAL, "jwt", "payments", scopes, lifetime, List.of(), "next revision"),
        CacheKey.of(
            CREDENTIAL,
            "jwt",
            "payments",
            scopes,
            lifetime,
            List.of(new Binding.Key("jkt")),
            "revision"),
        CacheKey.of(
            CREDENTIAL,
            "jwt",
            "payments",
            scopes,
            lifetime,
            List.of(new Binding.Key("another")),
            "revision"),
        CacheKey.of(
            CREDENTIAL,
            "jwt",
            "payments",
            scopes,
            lifetime,
            List.of(new Binding.Certificate("jkt")),
            "revision"));
  }

  @ParameterizedTest
  @MethodSource("others")
  void differs_where_one_thing_differs(CacheKey other) {
    assertThat(other).isNotEqualTo(KEY);
  }

  @Test
  void does_not_mistake_one_field_for_another() {
    assertThat(CacheKey.of(CREDENTIAL, "a", "b", List.of(), null, List.of(), "c"))
        .isNotEqualTo(CacheKey.of(CREDENTIAL, "b", "a", List.of(), null, List.of(), "c"));
    assertThat(CacheKey.of(CREDENTIAL, "a", "b", List.of("c d"), null, List.of(), "e"))
        .isNotEqualTo(CacheKey.of(CREDENTIAL, "a", "b", List.of("c", "d"), null, List.of(), "e"));
  }

  private static CacheKey key(java.util.Collection<String> scopes) {
    return CacheKey.of(
        CREDENTIAL, "jwt", "payments", scopes, Duration.ofMinutes(5), List.of(), "revision");
  }
}
