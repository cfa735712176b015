package dev.tokenbroker.peers.store;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.edge.Http;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Two verifiers of the tokens that replicas hand out: one polls the key set of each replica; one
 * asks any replica, honours {@code max-age}, and asks again for a key that it does not know.
 */
final class ReplicaVerifiers {

  private static final Pattern MAX_AGE = Pattern.compile("max-age=(\\d+)");

  private final Supplier<List<BrokerProcess>> replicas;
  private final Set<String> signed = ConcurrentHashMap.newKeySet();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicLong polls = new AtomicLong();
  private final AtomicLong verified = new AtomicLong();
  private @Nullable Held held; // guarded by this

  /** A key set and how long it may be held. */
  private record Held(JWKSet keys, long untilNanos) {}

  /**
   * @param replicas those that run now
   */
  ReplicaVerifiers(Supplier<List<BrokerProcess>> replicas) {
    this.replicas = replicas;
  }

  /** Polls each replica once. */
  void poll() {
    for (BrokerProcess replica : listening()) {
      Set<String> needed = Set.copyOf(signed);
      fetch(replica)
          .ifPresent(
              keys -> {
                polls.incrementAndGet();
                for (String kid : needed) {
                  if (keys.keys().getKeyByKeyId(kid) == null) {
                    failures.add("a replica does not publish " + kid);
                  }
                }
              });
    }
  }

  /** Takes a token as a service does that gets it from a caller. */
  void verify(String token) {
    try {
      SignedJWT jwt = SignedJWT.parse(token);
      String kid = jwt.getHeader().getKeyID();
      ECKey key = key(kid);
      if (key == null || !jwt.verify(new ECDSAVerifier(key))) {
        failures.add("a token cannot be verified: " + kid);
      }
      signed.add(kid);
      verified.incrementAndGet();
    } catch (ParseException | JOSEException broken) {
      failures.add(broken.toString());
    }
  }

  List<String> failures() {
    return List.copyOf(failures);
  }

  /** How many keys have signed. */
  int keys() {
    return signed.size();
  }

  @Override
  public String toString() {
    return polls + " polls, " + verified + " tokens verified, " + keys() + " keys";
  }

  private synchronized @Nullable ECKey key(String kid) {
    Held now = held;
    JWK key =
        now == null || now.untilNanos() - System.nanoTime() < 0
            ? null
            : now.keys().getKeyByKeyId(kid);
    if (key == null) {
      held = listening().stream().flatMap(it -> fetch(it).stream()).findAny().orElse(now);
      key = held == null ? null : held.keys().getKeyByKeyId(kid);
    }
    return (ECKey) key;
  }

  /** Those that are up; one that starts would make a verifier wait. */
  private List<BrokerProcess> listening() {
    return listening(replicas.get());
  }

  static List<BrokerProcess> listening(List<BrokerProcess> replicas) {
    return replicas.stream()
        .filter(it -> it.lines().stream().anyMatch(line -> line.contains("Listening on: ")))
        .toList();
  }

  /** Empty where the replica does not answer, since it stops. */
  private Optional<Held> fetch(BrokerProcess replica) {
    try {
      HttpResponse<String> answer = Http.get(replica.uri("/.well-known/jwks.json"));
      if (answer.statusCode() != 200) {
        return Optional.empty();
      }
      Matcher age = MAX_AGE.matcher(answer.headers().firstValue("Cache-Control").orElse(""));
      long seconds = age.find() ? Long.parseLong(age.group(1)) : 0;
      long until = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
      return Optional.of(new Held(JWKSet.parse(answer.body()), until));
    } catch (UncheckedIOException gone) {
      return Optional.empty();
    } catch (ParseException broken) {
      throw new AssertionError(broken);
    }
  }
}
