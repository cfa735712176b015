package dev.tokenbroker.issue.signing;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.outcome.ChangeListener;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.judge.policy.Grants;
import dev.tokenbroker.judge.policy.MintedType;
import dev.tokenbroker.process.runtime.TestClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Targets that name the algorithm and the type of their tokens. */
class NamedAlgorithmsTest {

  private static final Duration PUBLISH_BEFORE = Duration.ofMinutes(15);

  private final TestClock clock = new TestClock();
  private final TestTokenSettings settings = TestTokenSettings.defaults();

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "ACCESS_TOKEN,       , at+jwt, ES256, false",
    "ACCESS_TOKEN, RS256 , at+jwt, RS256, false",
    "JWT         ,       , JWT   , ES256, true",
    "JWT         , ES256 , JWT   , ES256, true",
    "JWT         , EDDSA , JWT   , EdDSA, true",
    "JWT         , RS256 , JWT   , RS256, true",
  })
  void a_token_is_what_its_target_says(
      MintedType type, @Nullable SigningAlgorithm algorithm, String typ, String alg, boolean plain)
      throws Exception {
    SigningKeys keys = keys(settings);
    keys.demand(algorithm == null ? Set.of() : Set.of(algorithm));
    String token = minted(keys, type, algorithm);
    SignedJWT jwt = SignedJWT.parse(token);
    assertThat(jwt.getHeader().getType().getType()).isEqualTo(typ);
    assertThat(jwt.getHeader().getAlgorithm().getName()).isEqualTo(alg);
    assertThat(jwt.getJWTClaimsSet().getStringClaim("client_id")).isEqualTo("somebody");
    assertThat(acceptedAsSpringDoes(jwt, keys)).isEqualTo(plain);
    assertThat(keys.published().algorithms()).contains("ES256", alg);
  }

  @ParameterizedTest
  @MethodSource("dev.tokenbroker.Draws#seeds")
  void keys_of_each_algorithm_keep_the_promise_through_a_year(long seed) {
    Random random = new Random(seed);
    SigningKeys keys = keys(settings);
    KeyObserver unnamed = new KeyObserver(keys, clock, settings);
    KeyObserver named = new KeyObserver(keys, clock, settings, SigningAlgorithm.EDDSA);
    Instant end = clock.instant().plus(Duration.ofDays(365));
    Instant from = clock.instant().plusSeconds(random.nextInt(3 * 86_400));
    while (clock.instant().isBefore(end)) {
      keys.demand(
          clock.instant().isBefore(from) || random.nextInt(9) == 0
              ? Set.of()
              : Set.of(SigningAlgorithm.EDDSA));
      for (KeyObserver observer : List.of(unnamed, named)) {
        observer.fetch();
        observer.mint();
      }
      clock.advance(Duration.ofSeconds(random.nextInt(1, 1800)));
    }
    assertThat(named.signers()).as("seed %d", seed).isBetween(360, 366);
  }

  @ParameterizedTest
  @MethodSource("dev.tokenbroker.Draws#seeds")
  void keys_in_files_keep_the_promise_for_each_algorithm(long seed) throws IOException {
    Random random = new Random(seed);
    List<String> pool = new ArrayList<>();
    for (int count = 0; count < 4; count++) {
      pool.add(TestKeyFiles.pem(TestKeyFiles.ec("secp256r1").getPrivate()));
      pool.add(TestKeyFiles.pem(ed25519()));
    }
    Path file = Files.writeString(directory.resolve("keys.pem"), pool.getFirst());
    TestTokenSettings fromFile = settings.withFiles(file);
    SigningKeys keys = keys(fromFile);
    KeyObserver unnamed = new KeyObserver(keys, clock, fromFile);
    KeyObserver named = new KeyObserver(keys, clock, fromFile, SigningAlgorithm.EDDSA);
    for (int step = 0; step < 1500; step++) {
      if (random.nextInt(6) == 0) {
        Collections.shuffle(pool, random);
        Files.writeString(file, String.join("", pool.subList(0, random.nextInt(6))));
      }
      keys.demand(random.nextBoolean() ? Set.of() : Set.of(SigningAlgorithm.EDDSA));
      for (KeyObserver observer : List.of(unnamed, named)) {
        observer.fetch();
        observer.mint();
      }
      clock.advance(Duration.ofSeconds(random.nextInt(1, 900)));
    }
    assertThat(named.signers()).as("seed %d", seed).isEqualTo(4);
  }

  @Test
  void signs_at_once_at_a_start_and_later_only_with_a_key_that_verifiers_can_know() {
    SigningKeys fresh = keys(settings);
    fresh.demand(Set.of(SigningAlgorithm.EDDSA));
    assertThat(signer(fresh, SigningAlgorithm.EDDSA)).isPresent();

    SigningKeys known = keys(settings);
    assertThat(known.fetched().algorithms()).containsExactly("ES256");
    known.demand(Set.of(SigningAlgorithm.EDDSA));
    assertThat(known.available()).isTrue();
    assertThat(signer(known, SigningAlgorithm.EDDSA)).isEmpty();
    assertThat(known.fetched().algorithms()).containsExactly("ES256", "EdDSA");
    known.keepUp();
    clock.advance(PUBLISH_BEFORE);
    known.keepUp();
    assertThat(signer(known, SigningAlgorithm.EDDSA)).isPresent();
  }

  @Test
  void keys_in_files_of_a_named_algorithm_are_for_the_targets_that_name_it() throws IOException {
    String files =
        TestKeyFiles.pem(TestKeyFiles.ec("secp256r1").getPrivate()) + TestKeyFiles.pem(ed25519());
    SigningKeys keys =
        keys(settings.withFiles(Files.writeString(directory.resolve("keys.pem"), files)));
    keys.demand(Set.of(SigningAlgorithm.EDDSA));
    assertThat(signer(keys, null)).contains(SigningAlgorithm.ES256);
    assertThat(signer(keys, SigningAlgorithm.EDDSA)).contains(SigningAlgorithm.EDDSA);
    assertThat(signer(keys, SigningAlgorithm.RS256)).isEmpty();
    assertThat(keys.available()).isTrue();
    assertThat(keys.require(clock.instant(), SigningAlgorithm.RS256))
        .isInstanceOf(Outcome.Refused.class);
  }

  private Optional<SigningAlgorithm> signer(SigningKeys keys, @Nullable SigningAlgorithm name) {
    return keys.signer(clock.instant(), name).map(SigningKey::algorithm);
  }

  private SigningKeys keys(TestTokenSettings with) {
    return new SigningKeys(with, SignatureProvider.automatic(), clock, ChangeListener.NONE);
  }

  private String minted(SigningKeys keys, MintedType type, @Nullable SigningAlgorithm algorithm) {
    return switch (new JwtMinter(keys, settings, clock)
        .mint(Grants.of("payments-api", "somebody", type, algorithm))) {
      case Outcome.Accepted<IssuedToken>(IssuedToken token) -> token.value();
      case Outcome.Refused<IssuedToken> refused -> throw new AssertionError(refused.refusal());
    };
  }

  /** Spring Security by {@code issuer-uri} leaves the processor's verifier of types as it is. */
  private static boolean acceptedAsSpringDoes(SignedJWT jwt, SigningKeys keys) throws Exception {
    JWKSet published = JWKSet.parse(new String(keys.published().jwks(), StandardCharsets.UTF_8));
    DefaultJWTProcessor<?> processor = new DefaultJWTProcessor<>();
    processor.setJWTClaimsSetVerifier((_, _) -> {});
    try {
      if (jwt.getHeader().getAlgorithm().getName().equals("EdDSA")) {
        processor.getJWSTypeVerifier().verify(jwt.getHeader().getType(), null); // keys need Tink
        return true;
      }
      processor.setJWSKeySelector(
          new JWSVerificationKeySelector<>(
              jwt.getHeader().getAlgorithm(), new ImmutableJWKSet<>(published)));
      processor.process(jwt, null);
      return true;
    } catch (BadJOSEException refused) {
      return false;
    }
  }

  private static PrivateKey ed25519() {
    return TestKeyFiles.named("Ed25519").getPrivate();
  }
}
