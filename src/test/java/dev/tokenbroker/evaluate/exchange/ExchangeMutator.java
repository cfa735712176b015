package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.judge.credential.CredentialMutator;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.possession.PresentedKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Changes requests as accidents and attackers do: the credential, and what is asked with it. */
final class ExchangeMutator {

  static final String TYPE = "urn:ietf:params:oauth:token-type:";

  private static final List<String> AUDIENCES =
      List.of(
          "payments-api",
          "orders",
          "token-broker",
          "Payments-API",
          "payments-api/",
          " payments-api",
          "p\u0430yments-api",
          "payments-api\u202E",
          "payments-api\n",
          "\uD83D",
          "",
          "*",
          "x".repeat(512),
          "x".repeat(513));

  private static final List<String> TYPES =
      List.of(
          "",
          TYPE + "jwt",
          TYPE + "id_token",
          TYPE + "access_token",
          TYPE + "saml2",
          TYPE + "JWT",
          "jwt",
          " ",
          "\uFEFF");

  private static final List<String> SCOPES =
      List.of(
          "read", "deploy", "operate", "Read", "re ad", "", "\"", "\\", "r\u00e9ad", "\uDC00", "*");

  private static final List<Duration> LIFETIMES =
      List.of(
          Duration.ZERO,
          Duration.ofSeconds(-1),
          Duration.ofNanos(999_999_999),
          Duration.ofSeconds(1),
          Duration.ofSeconds(77),
          Duration.ofDays(36_500),
          Duration.ofSeconds(Long.MAX_VALUE),
          Duration.ofSeconds(Long.MIN_VALUE));

  private final RandomGenerator random;
  private final CredentialMutator changes;

  ExchangeMutator(RandomGenerator random, List<String> credentials) {
    this.random = random;
    this.changes = new CredentialMutator(random, credentials);
  }

  /** Another request, made from that one; by chance it may be the same again. */
  ExchangeRequest mutate(ExchangeRequest request) {
    return switch (random.nextInt(16)) {
      case 0 -> with(request, pick(AUDIENCES), request.scopes(), request.lifetime());
      case 1 -> with(request, request.audience(), scopes(), request.lifetime());
      case 2 -> with(request, request.audience(), request.scopes(), pick(LIFETIMES));
      case 3 -> with(request, request.subjectToken(), pick(TYPES), random.nextInt(4) == 0);
      case 4 -> mixedUp(request);
      case 5 -> ofClient(request);
      default -> mutateCredential(request);
    };
  }

  /** The same request with another credential, made from the one it has. */
  ExchangeRequest mutateCredential(ExchangeRequest request) {
    return with(
        request,
        changes.mutate(request.subjectToken()),
        request.subjectTokenType(),
        request.actor());
  }

  private List<String> scopes() {
    List<String> scopes = new ArrayList<>();
    for (int count = random.nextInt(4); count > 0; count--) {
      scopes.add(pick(SCOPES));
    }
    return switch (random.nextInt(8)) {
      case 0 -> Collections.nCopies(64 + random.nextInt(2), "read");
      case 1 -> List.of("r".repeat(256 + random.nextInt(2)));
      default -> scopes;
    };
  }

  /** The credential as the assertion of a client with some id. */
  private ExchangeRequest ofClient(ExchangeRequest request) {
    String id = random.nextInt(3) == 0 ? "repo:acme/payments:ref:refs/heads/main" : pick(AUDIENCES);
    return with(
        request,
        request.audience(),
        request.scopes(),
        request.lifetime(),
        new PresentedClient(id, null, "", "", true));
  }

  /** The credential where it does not belong, as from a client whose arguments are swapped. */
  private ExchangeRequest mixedUp(ExchangeRequest request) {
    String credential = request.subjectToken();
    return switch (random.nextInt(5)) {
      case 0 ->
          TestExchange.request(/* audience= */ credential, /* credential= */ request.audience());
      case 1 -> with(request, credential, List.of(), null);
      case 2 -> with(request, request.audience(), List.of(credential), null);
      case 3 -> with(request, "Bearer " + credential, List.of(), null);
      default -> with(request, credential, credential, false);
    };
  }

  private static ExchangeRequest with(
      ExchangeRequest request, String audience, List<String> scopes, @Nullable Duration lifetime) {
    return with(request, audience, scopes, lifetime, request.client());
  }

  private static ExchangeRequest with(
      ExchangeRequest request,
      String audience,
      List<String> scopes,
      @Nullable Duration lifetime,
      PresentedClient client) {
    return new ExchangeRequest(
        audience,
        request.subjectToken(),
        request.subjectTokenType(),
        scopes,
        lifetime,
        request.actor(),
        request.edge(),
        request.peer(),
        PresentedKeys.NONE,
        client,
        List.of());
  }

  private static ExchangeRequest with(
      ExchangeRequest request, String credential, String type, boolean actor) {
    return new ExchangeRequest(
        request.audience(),
        credential,
        type,
        request.scopes(),
        request.lifetime(),
        actor,
        request.edge(),
        request.peer(),
        PresentedKeys.NONE,
        request.client(),
        List.of());
  }

  private <T> T pick(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
