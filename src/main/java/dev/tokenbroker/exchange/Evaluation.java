package dev.tokenbroker.exchange;

import dev.tokenbroker.credential.VerifiedIdentity;
import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.outcome.Trail;
import dev.tokenbroker.policy.Grant;
import dev.tokenbroker.token.IssuedToken;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * One evaluation while it is under way: its name, its trail, the federation that judges it, and
 * what was proved so far.
 *
 * <p>Confined to the thread that runs it.
 */
final class Evaluation {

  private final String id = newId();
  private final long beganNanos = System.nanoTime();
  private final Trail trail = new Trail();
  private final ExchangeRequest request;
  private final Intent intent;
  private final Instant began;
  private final @Nullable Federation federation;
  private @Nullable VerifiedIdentity identity;
  private @Nullable Grant grant;
  private @Nullable IssuedToken token;

  Evaluation(
      ExchangeRequest request, Intent intent, Instant began, @Nullable Federation federation) {
    this.request = request;
    this.intent = intent;
    this.began = began;
    this.federation = federation;
  }

  String id() {
    return id;
  }

  ExchangeRequest request() {
    return request;
  }

  Trail trail() {
    return trail;
  }

  Instant began() {
    return began;
  }

  @Nullable Federation federation() {
    return federation;
  }

  VerifiedIdentity identified(VerifiedIdentity proved) {
    identity = proved;
    return proved;
  }

  Grant granted(Grant proved) {
    grant = proved;
    return proved;
  }

  IssuedToken issued(IssuedToken made) {
    token = made;
    return made;
  }

  Verdict verdict() {
    String revision = federation == null ? "" : federation.revision();
    return Verdict.of(id, began, intent, revision, request.audience(), trail);
  }

  ExchangeRecord record(Verdict verdict) {
    return new ExchangeRecord(
        verdict,
        request.door(),
        request.peer(),
        CredentialDigest.prefix(request.subjectToken()),
        identity == null ? null : identity.subject(),
        token == null ? null : token.id(),
        grant == null || token == null ? null : grant.subject(),
        token == null ? List.of() : token.scopes(),
        token == null ? null : token.expireTime(),
        Duration.ofNanos(System.nanoTime() - beganNanos));
  }

  // Names a verdict and guards nothing: only operators read verdicts. A fast generator is enough.
  private static String newId() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
  }
}
