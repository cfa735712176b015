package dev.tokenbroker.command.fetch;

import dev.tokenbroker.base.files.BoundedFile;
import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.text.Sha256;
import dev.tokenbroker.command.fetch.TokenCache.Hold;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Gives a token that is fresh, or says why there is none.
 *
 * <pre>{@code
 * FetchRequest request = FetchRequest.of("https://broker.example", null, "payments-api", List.of());
 * CredentialSource source = new CredentialSources(variables, "https://broker.example", notes).of("auto");
 * TokenFetch fetch = new TokenFetch(request, source, null, InstantSource.system(), random, notes);
 * KeptToken token = fetch.exchange(Deadline.after(Duration.ofSeconds(10)), 1); // throws NoToken
 * }</pre>
 *
 * <p>{@link #token} is for programs that end: it shares tokens with other processes by the cache,
 * and waits between three attempts. {@link #exchange} is for programs that keep the token
 * themselves: it always requests a new one, and reads the credential anew. They come back at {@link
 * KeptToken#renewal}, and not before {@link NoToken#retryAfter} has passed.
 *
 * <p>An instance has no state, and is safe for use by several threads.
 */
public final class TokenFetch {

  /** The most attempts for one token. */
  public static final int ATTEMPTS = 3;

  /** The shortest time between two attempts to renew a token that is still good. */
  private static final Duration RENEWAL_PAUSE = Duration.ofSeconds(15);

  private static final int FIRST_BACK_OFF_MILLIS = 200;

  private static final Waits WAITS = new Waits(Duration.ofSeconds(5), Thread::sleep);

  private final FetchRequest request;
  private final CredentialSource source;
  private final @Nullable TokenCache cache;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Consumer<String> notes;
  private final Waits waits;

  /**
   * How long it waits.
   *
   * @param renewal the longest time to renew a token that lives at least as long
   * @param pause waits between two attempts
   */
  record Waits(Duration renewal, Pause pause) {

    /** Returns after that time. */
    interface Pause {
      void last(Duration time) throws InterruptedException;
    }
  }

  /**
   * @param cache null for none
   * @param notes takes lines that explain what happens; never any part of a credential or token
   */
  public TokenFetch(
      FetchRequest request,
      CredentialSource source,
      @Nullable TokenCache cache,
      InstantSource clock,
      RandomGenerator random,
      Consumer<String> notes) {
    this(request, source, cache, clock, random, notes, WAITS);
  }

  /** One that waits otherwise. */
  TokenFetch(
      FetchRequest request,
      CredentialSource source,
      @Nullable TokenCache cache,
      InstantSource clock,
      RandomGenerator random,
      Consumer<String> notes,
      Waits waits) {
    this.request = request;
    this.source = source;
    this.cache = cache;
    this.clock = clock;
    this.random = random;
    this.notes = notes;
    this.waits = waits;
  }

  /** A token from the cache, or a new one. */
  public KeptToken token(Deadline deadline) throws NoToken {
    Credential credential = source.read(deadline);
    String rights = credential.rights().orElse(null);
    if (cache == null || rights == null) {
      if (cache != null) {
        notes.accept("the credential is opaque, so nothing is cached");
      }
      return exchange(credential, deadline, ATTEMPTS);
    }
    try {
      return shared(cache, key(rights), credential, deadline);
    } catch (IOException unusable) {
      notes.accept("the cache cannot be used: " + BoundedFile.why(unusable));
      return exchange(credential, deadline, ATTEMPTS);
    } catch (InterruptedException stopped) {
      throw interrupted();
    }
  }

  /**
   * Removes a token that its target rejects from the cache, so that the next call requests another.
   *
   * @param value the token; if the cache has another one by now, that stays
   */
  public void forget(String value, Deadline deadline) throws NoToken {
    String rights = source.read(deadline).rights().orElse(null);
    if (cache == null || rights == null) {
      return;
    }
    try (Hold _ = cache.hold(key(rights), deadline).orElseThrow(TokenFetch::inUse)) {
      cache.remove(key(rights), value);
    } catch (IOException unusable) {
      notes.accept("the cache cannot be used: " + BoundedFile.why(unusable));
    } catch (InterruptedException stopped) {
      throw interrupted();
    }
  }

  private static NoToken inUse() {
    return new NoToken(
        NoToken.Kind.AWAY, "another process requests this token, and has not ended in time");
  }

  private static NoToken interrupted() {
    Thread.currentThread().interrupt();
    return new NoToken(NoToken.Kind.AWAY, "interrupted");
  }

  /**
   * A new token, for the credential that is there now.
   *
   * @param attempts at most; waits between two of them, as long as the broker demands
   */
  public KeptToken exchange(Deadline deadline, int attempts) throws NoToken {
    return exchange(source.read(deadline), deadline, attempts);
  }

  private KeptToken shared(TokenCache kept, String key, Credential credential, Deadline deadline)
      throws NoToken, IOException, InterruptedException {
    KeptToken token = kept.token(key);
    Instant now = clock.instant();
    if (token != null && !token.isDue(now)) {
      return cached(token, "");
    }
    boolean fresh = token != null && token.isFresh(now);
    Optional<Hold> hold =
        kept.hold(key, fresh ? Deadline.after(Duration.ZERO) : renewal(token, deadline));
    if (hold.isPresent()) {
      try (Hold _ = hold.get()) {
        return held(kept, key, credential, deadline);
      }
    }
    if (token != null && token.lives(clock.instant())) {
      return cached(token, ": another process is renewing it");
    }
    throw inUse();
  }

  /** No caller waits long for a renewal while the token is sure to serve. */
  private Deadline renewal(@Nullable KeptToken token, Deadline deadline) {
    return token != null && token.lives(clock.instant().plus(waits.renewal()))
        ? deadline.within(waits.renewal())
        : deadline;
  }

  private KeptToken held(TokenCache kept, String key, Credential credential, Deadline deadline)
      throws NoToken, IOException {
    KeptToken token = kept.token(key); // the last holder may have renewed it
    Instant now = clock.instant();
    if (token != null && !token.isDue(now)) {
      return cached(token, "");
    }
    boolean fresh = token != null && token.isFresh(now);
    try {
      KeptToken renewed = exchange(credential, renewal(token, deadline), fresh ? 1 : ATTEMPTS);
      keep(kept, key, renewed);
      return renewed;
    } catch (NoToken why) {
      if (token == null || !(fresh || (why.isPassing() && token.lives(clock.instant())))) {
        throw why;
      }
      Duration demanded = Objects.requireNonNullElse(why.retryAfter(), Duration.ZERO);
      Duration wait = demanded.compareTo(RENEWAL_PAUSE) < 0 ? RENEWAL_PAUSE : demanded;
      keep(kept, key, token.renewedAt(clock.instant().plus(wait)));
      return cached(token, ", since there is no new one: " + why.line());
    }
  }

  /** The exchange has been made: it must not fail, or be repeated, for want of a cache. */
  private void keep(TokenCache kept, String key, KeptToken token) {
    try {
      kept.keep(key, token);
    } catch (IOException unusable) {
      notes.accept("the cache cannot be written: " + BoundedFile.why(unusable));
    }
  }

  private KeptToken cached(KeptToken token, String why) {
    notes.accept("the token is from the cache" + why);
    return token;
  }

  private KeptToken exchange(Credential credential, Deadline deadline, int attempts)
      throws NoToken {
    TokenEndpoint broker = new TokenEndpoint(request, clock);
    for (int attempt = 1; ; attempt++) {
      try {
        KeptToken token = broker.exchange(credential, deadline);
        notes.accept("the token is new");
        return token;
      } catch (NoToken failed) {
        Duration wait = failed.retryAfter() == null ? backOff(attempt) : failed.retryAfter();
        if (!failed.isPassing()
            || attempt == attempts
            || wait.compareTo(deadline.remaining()) >= 0
            || !paused(wait)) {
          throw failed;
        }
        notes.accept("attempt " + (attempt + 1) + " follows: " + failed.line());
      }
    }
  }

  /** 200 to 400 ms after the first attempt, doubled with each further one. */
  private Duration backOff(int attempt) {
    int most = FIRST_BACK_OFF_MILLIS << attempt;
    return Duration.ofMillis(most / 2 + random.nextInt(most / 2));
  }

  private boolean paused(Duration wait) {
    try {
      waits.pause().last(wait);
      return true;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private String key(String rights) {
    Map<String, Object> parts = new LinkedHashMap<>();
    parts.put("endpoint", request.tokenEndpoint().toString());
    parts.put("audience", request.audience());
    parts.put("scopes", request.scopes());
    parts.put("rights", rights);
    return Sha256.hex(JsonBytes.of(parts));
  }
}
