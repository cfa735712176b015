package dev.tokenbroker.issue.signing;

import static java.util.stream.Collectors.joining;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BinaryOperator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The keys that sign tokens: which one signs now, and which ones are published.
 *
 * <p>Safe for use by several threads; reading never waits.
 */
@Singleton
public final class SigningKeys {

  /*
   * The promise to verifiers, who hold copies of our JWK set for up to jwks-max-age:
   *
   *   1. A key is published for at least publish-before when it signs for the first time. So no
   *      verifier that keeps to Cache-Control meets a token whose key its copy lacks.
   *
   *   2. A key is published until the last token that it may have signed has expired, and a leeway
   *      longer. That is max-lifetime + 60 s after its last signature. JwtMinter caps lifetimes to
   *      match.
   *
   *      key 1   |<---------- signs ---------->|<- retention ->|
   *      key 2   |<--- published, waiting ---->|<---------- signs ---------->|<- retention ->|
   *      key 3                                 |<--- published, waiting ---->|<--- signs ...
   *
   * The idea: time decides, not events. A KeySchedule holds for every key when it signs and when
   * its publication ends. The signer and the published keys are pure functions of the schedule and
   * the clock. No timer has to fire for a rotation, no request waits for one, and all threads see
   * the same. Only slow work happens in the background, in keepUp(): making the next key, reading
   * files, forgetting old keys. Each new key counts as published from the moment after that work,
   * never from before it. If keepUp() is late, the signer signs longer than its period and is
   * published longer; the promise is untouched.
   *
   * Generated keys. As soon as a key signs, its successor is made and published: there is always
   * one more key than is needed. The keys live in one process: a restart begins with a new key that
   * signs at once, and without a shared store replicas do not know each other's keys. If either
   * matters, use key files. A wall clock that was ahead delays the rotation. Once the clock has
   * been right for publish-before, the rotation goes on by that clock.
   *
   * Key files. The first listed key that has been published for publish-before signs. At a start
   * the broker cannot know for how long other replicas have published the listed keys, so every key
   * counts as just seen. The last key, the oldest if new ones are put first, signs until those
   * before it are ready. Replicas see a change at different times, by key-file-poll-interval and by
   * the delay of their volumes: publish-before less jwks-max-age covers that. A signer that leaves
   * the list before another key is ready signs on until one is. On a replica that has just begun
   * that takes publish-before. So any key that leaves counts as signing for so much longer, even if
   * it does not sign here. It stays published for the retention after that. Each further change
   * begins this anew. A key that leaves before it has signed here stays published as long, since
   * other replicas may sign with it. So removal does not help against a stolen key. A restart with
   * new files does: it forgets everything at once.
   *
   * A key whose publication is over is forgotten only after the retention, by the monotonic clock.
   * So a wall clock that is ahead for a while takes no key away: once it is right, all keys are
   * published again.
   *
   * Algorithms. A target may name one, so there is a chain of keys for each algorithm named, and
   * one for all other targets. Each follows the same rules, and all are published in one set. A chain
   * that begins after verifiers may have fetched keys without its key, from any replica that is up,
   * waits for publish-before until it signs. Key files are sorted by algorithm; targets that name
   * none use the keys of the other algorithms. If copies of verifiers may lack all of those at a
   * start, a listed key that no copy lacks signs for these targets until one of those may.
   * When the files no longer list an algorithm, its keys sign no more for targets that name it, and stay
   * published for as long as any key that leaves.
   *
   * Replicas that share a store. Each publishes the keys of all, see ReplicaKeys. A new key is
   * published as it is made or listed, but joins the schedule only once all others publish it; from
   * then on publish-before counts. While the store is away, keys in the schedule sign on and new
   * ones wait. With generated keys, a replica that has heard nothing for publish-before may miss
   * keys by which others sign, and is not ready.
   *
   * Limits: a wall clock that is set forward by more than publish-before takes the head start of
   * the next key away. Verifiers then refetch on the unknown kid, as most do. A token signed by a
   * clock that was ahead only between two rounds may outlive its key's publication. So may a token
   * signed by a clock that was ahead for longer, if its key file is removed after the clock was set
   * right. A key file first seen by a clock that is ahead signs from then on by that clock, until
   * the broker restarts.
   *
   * References: RFC 7517 section 5 (JWK set), RFC 7638 (kid), RFC 9068 section 4 (verifiers find
   * keys by issuer metadata), OIDC Core section 10.1.1 (rotation of signing keys).
   */

  private static final Logger LOG = Logger.getLogger(SigningKeys.class);

  /** How long a start waits for the store. */
  private static final Duration FOR_OTHERS = Duration.ofSeconds(2);

  /** How often replicas look at each other's keys. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  private static final Comparator<Instant> LATER = Comparator.naturalOrder();

  private final ReplicaKeys replicas;
  private final @Nullable KeyFiles files;
  private final KeyChains chains;
  private final Clocks clock;
  private final ChangeListener changes;
  private final Duration keyPoll;
  private final long keepUpMillis;
  private final ScheduledExecutorService background;
  private volatile PublishedKeys published = new PublishedKeys(List.of());
  private @Nullable Class<?> failure;

  /**
   * Makes or reads the first keys, which must exist before anything is served.
   *
   * @throws IllegalArgumentException naming the setting that would break the promise to verifiers
   */
  @Inject
  public SigningKeys(
      TokenSettings settings,
      SignatureProvider provider,
      Clocks clock,
      ChangeListener changes,
      ReplicaKeys replicas) {
    KeySupply.Publication publication =
        new KeySupply.Publication(KeyTiming.of(settings), clock, replicas);
    this.files =
        settings.keyFiles().map(paths -> new KeyFiles(paths, provider, changes)).orElse(null);
    this.chains = new KeyChains(settings.algorithm(), provider, files, publication);
    this.replicas = replicas;
    this.clock = clock;
    this.changes = changes;
    this.keyPoll = settings.keyFilePollInterval();
    this.keepUpMillis =
        (replicas.isShared() && keyPoll.compareTo(LOOK) > 0 ? LOOK : keyPoll).toMillis();
    this.background =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("signing-keys").factory());
    replicas.awaitOthers(FOR_OTHERS);
    keepUp();
  }

  /** The keys of a broker that shares nothing. */
  public SigningKeys(
      TokenSettings settings, SignatureProvider provider, Clocks clock, ChangeListener changes) {
    this(settings, provider, clock, changes, ReplicaKeys.alone(settings, clock));
  }

  /**
   * Has keys of the algorithms that targets name, from now on until the end of the process. A new
   * one is published for publish-before until it signs, unless nobody can have fetched keys yet.
   *
   * @param targets the audiences of the targets that name an algorithm, by algorithm
   */
  public synchronized void demand(Map<SigningAlgorithm, Set<String>> targets) {
    chains.demand(targets);
    keepUp();
  }

  /** The key to sign with at that moment; empty if no key files could be read yet. */
  public Optional<SigningKey> signer(Instant now) {
    return chains.signer(now, null);
  }

  /** The key of that algorithm to sign with; of any that suits if the target names none. */
  Optional<SigningKey> signer(Instant now, @Nullable SigningAlgorithm name) {
    return chains.signer(now, name);
  }

  /** As {@link #published}, for a verifier. It may keep the keys, so new ones wait from now on. */
  public PublishedKeys fetched() {
    replicas.fetched();
    return published();
  }

  /** The keys that verifiers may see now; the same object as long as it holds the same keys. */
  public PublishedKeys published() {
    Instant now = clock.instant();
    SortedMap<String, Map<String, Object>> keys = new TreeMap<>();
    replicas.others(now).forEach(jwk -> keys.put((String) jwk.get("kid"), jwk));
    chains
        .published(now)
        .map(Map.Entry::getKey)
        .forEach(key -> keys.put(key.kid(), key.publicJwk()));
    List<Map<String, Object>> jwks = List.copyOf(keys.values());
    PublishedKeys last = published;
    if (last.holds(jwks)) {
      return last;
    }
    PublishedKeys changed = new PublishedKeys(jwks);
    published = changed;
    return changed;
  }

  /** Whether tokens can be signed now that each replica's keys verify, for readiness. */
  public boolean available() {
    return chains.begun(clock.instant()) && !(files == null && replicas.mayMissKeys());
  }

  /** What signing waits for while it is not {@link #available}. */
  public String awaited() {
    return awaited(chains.awaited(clock.instant()));
  }

  private String awaited(List<SigningAlgorithm> names) {
    String key = "a key that all replicas publish, for token-broker.token.publish-before";
    boolean unlisted = signer(clock.instant()).isEmpty() || names.stream().anyMatch(chains::lack);
    if (files != null && unlisted) {
      key = "a usable key in token-broker.token.key-files";
    } else if (files == null && replicas.mayMissKeys()) {
      key = "news of the other replicas from the store";
    }
    return names.isEmpty()
        ? key
        : names.stream().map(SigningAlgorithm::jwaName).collect(joining(", ", key + ", of ", ""));
  }

  /** The key to sign with at that moment; or the refusal {@code SIGNING_KEY_UNAVAILABLE}. */
  Outcome<SigningKey> require(Instant now, @Nullable SigningAlgorithm name) {
    return signer(now, name)
        .map(Outcome::accepted)
        .orElseGet(
            () ->
                Outcome.refused(
                    Refusal.of(RefusalReason.SIGNING_KEY_UNAVAILABLE)
                        .expected(awaited(name == null ? List.of() : List.of(name)))
                        .seen("none")
                        .retryAfter(keyPoll)));
  }

  /** The number of problems with the key files; zero if all are usable, or if there are none. */
  public int problems() {
    return files == null ? 0 : files.problems();
  }

  /**
   * Does the slow work: finds new keys, forgets old ones. One run at a time. It never fails; a
   * repeated failure is logged once.
   */
  public synchronized void keepUp() {
    try {
      chains.keepUp();
      announce();
      failure = null;
      Set<Change> rotations = new LinkedHashSet<>(); // one key may sign in two chains
      chains.compareSigners(rotations::add);
      rotations.forEach(changes::changed);
    } catch (RuntimeException | Error e) {
      // Even an error must not end the rounds: the present keys sign on, and the next round tries
      // again.
      if (!e.getClass().equals(failure)) {
        failure = e.getClass();
        LOG.error("The signing keys could not be renewed", e);
      }
    }
  }

  private void announce() {
    Instant now = clock.instant();
    Map<SigningKey, Instant> keys = new HashMap<>();
    chains
        .published(now)
        .forEach(key -> keys.merge(key.getKey(), key.getValue(), BinaryOperator.maxBy(LATER)));
    replicas.announce(keys);
  }

  void start(@Observes Startup event) {
    var _ = background.scheduleWithFixedDelay(this::keepUp, 0, keepUpMillis, TimeUnit.MILLISECONDS);
  }

  void stop(@Observes Shutdown event) {
    background.shutdownNow();
  }
}
