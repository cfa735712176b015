package dev.tokenbroker.issue.signing;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toUnmodifiableMap;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The chains of a broker's keys: one for targets that name no algorithm, and one for each algorithm
 * that a target names. {@link SigningKeys} explains their rules.
 *
 * <p>Reading is safe for use by several threads; one thread at a time changes them.
 */
final class KeyChains {

  private static final Logger LOG = Logger.getLogger(KeyChains.class);

  private final SigningAlgorithm algorithm;
  private final SignatureProvider provider;
  private final @Nullable KeyFiles files;
  private final KeySupply.Publication publication;

  /** The keys for targets that name no algorithm. */
  private final KeyChain main;

  /**
   * The keys for targets that name an algorithm. With files, there is a chain for each algorithm
   * from the start, so that a key may sign as soon as a target names its algorithm.
   */
  private final Map<SigningAlgorithm, KeyChain> named = new ConcurrentHashMap<>();

  /** The algorithms that a start waits for, until each has had a signer. */
  private final Set<SigningAlgorithm> awaited = ConcurrentHashMap.newKeySet();

  /** The targets that name an algorithm, by algorithm. */
  private volatile Map<SigningAlgorithm, Set<String>> demanded = Map.of();

  /** Those whose algorithm the files lack, as the log has said. */
  private volatile Map<SigningAlgorithm, Set<String>> lacking = Map.of();

  private boolean loaded; // whether there was a document

  /** When this replica began to sign with a key that nobody had fetched, in nanoseconds. */
  private @Nullable Long began;

  /**
   * @param algorithm of generated keys, for targets that name none
   * @param files where the keys are; null if the broker generates them
   */
  KeyChains(
      SigningAlgorithm algorithm,
      SignatureProvider provider,
      @Nullable KeyFiles files,
      KeySupply.Publication publication) {
    this.algorithm = algorithm;
    this.provider = provider;
    this.files = files;
    this.publication = publication;
    if (files == null) {
      main = generated(algorithm, this::begins);
      return;
    }
    main = listed(files, this::forUnnamed, _ -> true);
    for (SignatureScheme scheme : SignatureScheme.values()) {
      SigningAlgorithm name = scheme.algorithm();
      named.put(name, listed(files, (keys, _) -> of(name, keys), this::isSettled));
    }
  }

  private KeyChain generated(SigningAlgorithm name, BooleanSupplier mayBegin) {
    return new KeyChain(new GeneratedKeys(name, provider, mayBegin, publication), publication);
  }

  private KeyChain listed(KeyFiles from, ListedKeys.Choice choice, Predicate<SigningKey> mayBegin) {
    return new KeyChain(new ListedKeys(from, choice, mayBegin, publication), publication);
  }

  /** See {@link SigningKeys#demand}. The first time, a start waits for keys of the algorithms. */
  void demand(Map<SigningAlgorithm, Set<String>> targets) {
    demanded = Map.copyOf(targets);
    awaited.retainAll(targets.keySet());
    if (files == null) {
      targets.keySet().stream().filter(name -> name != algorithm).forEach(this::generate);
    } else if (!loaded) {
      awaited.addAll(targets.keySet());
      if (!publication.replicas().isFetched()) {
        main.restart();
      }
    }
    loaded = true;
  }

  private void generate(SigningAlgorithm name) {
    if (!named.containsKey(name)) {
      named.put(name, generated(name, this::beginsBeside));
      if (main.signer(publication.clock().instant()).isEmpty()) {
        awaited.add(name);
      }
    }
  }

  private boolean begins() {
    boolean begins = publication.replicas().mayBegin();
    if (begins) {
      began = publication.clock().nanoTime();
    }
    return begins;
  }

  /**
   * Whether this replica alone can have been asked for keys, and was not: it was the first of those
   * that started together, and the others are not ready before publish-before has passed.
   */
  private boolean beginsBeside() {
    return began != null
        && !publication.replicas().isFetched()
        && publication.clock().nanoTime() - began < publication.timing().publishBefore().toNanos();
  }

  private boolean isSettled(SigningKey key) {
    return publication.replicas().isSettled(key.kid());
  }

  /**
   * The listed keys without those of algorithms that targets name; all if none are left. While no
   * key signs and copies of verifiers may lack each of these, those that no copy lacks, if any.
   */
  private List<SigningKey> forUnnamed(List<SigningKey> listed, boolean signs) {
    List<SigningKey> rest =
        listed.stream()
            .filter(key -> key.algorithm() == algorithm || !demanded.containsKey(key.algorithm()))
            .toList();
    if (rest.isEmpty()) {
      return listed;
    }
    if (signs || rest.stream().anyMatch(this::isSettled)) {
      return rest;
    }
    List<SigningKey> settled = listed.stream().filter(this::isSettled).toList();
    return settled.isEmpty() ? rest : settled;
  }

  private static List<SigningKey> of(SigningAlgorithm name, List<SigningKey> listed) {
    return listed.stream().filter(key -> key.algorithm() == name).toList();
  }

  /** The key of that algorithm to sign with; of any that suits if the target names none. */
  Optional<SigningKey> signer(Instant now, @Nullable SigningAlgorithm name) {
    boolean unnamed = name == null || (files == null && name == algorithm);
    KeyChain chain = unnamed ? main : named.get(name);
    return chain == null ? Optional.empty() : chain.signer(now);
  }

  /** Whether each chain that the start waits for has a key to sign with. */
  boolean begun(Instant now) {
    return main.signer(now).isPresent()
        && awaited.stream().allMatch(name -> signer(now, name).isPresent());
  }

  /** The algorithms that the start waits for; none if it waits for the first key of any. */
  List<SigningAlgorithm> awaited(Instant now) {
    return main.signer(now).isEmpty() ? List.of() : awaited.stream().sorted().toList();
  }

  /** The published keys with the ends of their publication; a key can be in two chains. */
  Stream<Map.Entry<SigningKey, Instant>> published(Instant now) {
    return all().flatMap(chain -> chain.published(now).entrySet().stream());
  }

  /** Finds new keys and forgets old ones. */
  void keepUp() {
    if (files != null) {
      files.look();
      warnOfLacking(files.listed());
    }
    all().forEach(KeyChain::keepUp);
    Instant now = publication.clock().instant();
    awaited.removeIf(name -> signer(now, name).isPresent());
  }

  /** Whether a target names the algorithm, and the files have no key of it. */
  boolean lack(SigningAlgorithm name) {
    return lacking.containsKey(name);
  }

  /**
   * Once for as long as it lasts. While no file could be read, its problem is in the log. A start
   * does not wait for what is missing: that would stop the exchanges of all other targets, too.
   */
  private void warnOfLacking(List<SigningKey> listed) {
    Map<SigningAlgorithm, Set<String>> lack =
        demanded.entrySet().stream()
            .filter(entry -> !listed.isEmpty() && of(entry.getKey(), listed).isEmpty())
            .collect(toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    if (!lack.equals(lacking)) {
      lacking = lack;
      lack.forEach(KeyChains::warnOfLacking);
    }
    awaited.removeAll(lack.keySet());
  }

  private static void warnOfLacking(SigningAlgorithm name, Set<String> targets) {
    LOG.warnf(
        "token-broker.token.key-files have no %1$s key, but targets name %1$s: %2$s. Exchanges for"
            + " them are refused with SIGNING_KEY_UNAVAILABLE. Add a key, or change the targets.",
        name.jwaName(), targets.stream().sorted().collect(joining(", ")));
  }

  /** Reports new signers of the chains that targets use. */
  void compareSigners(Consumer<Change> changes) {
    main.compareSigner(changes);
    named.forEach(
        (name, chain) -> chain.compareSigner(demanded.containsKey(name) ? changes : _ -> {}));
  }

  private Stream<KeyChain> all() {
    return Stream.concat(Stream.of(main), named.values().stream());
  }
}
