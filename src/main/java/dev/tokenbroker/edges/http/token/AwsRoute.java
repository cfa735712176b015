package dev.tokenbroker.edges.http.token;

import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.FieldViolation;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.edges.edge.RefusalText;
import dev.tokenbroker.edges.edge.TraceContext;
import dev.tokenbroker.evaluate.exchange.ExchangeSettings;
import dev.tokenbroker.evaluate.exchange.TokenExchange;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.issue.aws.AwsCredentials;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.target.AwsRole;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The endpoint that AWS' SDKs call for container credentials ({@code
 * AWS_CONTAINER_CREDENTIALS_FULL_URI}). The path names the target, and {@code Authorization} holds
 * the credential, raw or as Bearer. The request goes through the same {@link TokenExchange} as any
 * other.
 *
 * <p>The SDKs wait for 2 s. A response that takes longer is refused before, and the exchange goes
 * on for the next attempt.
 */
@Singleton
final class AwsRoute {

  /** The target follows, percent-encoded. */
  static final String PREFIX = "/aws/";

  private static final Duration PATIENCE = Duration.ofMillis(1_700);
  private static final FieldViolation NO_QUERY =
      new FieldViolation("query", "must be empty: the path names the target");
  private static final FieldViolation NO_TARGET =
      new FieldViolation("target", "must follow in the path");

  private static final String CREDENTIAL =
      "Authorization must hold the credential: AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names its"
          + " file.";

  // Routes exist before the settings are checked, so each request looks these beans up.
  private final Provider<TokenExchange> exchange;
  private final ExchangeSettings settings;
  private final FormRoute forms;
  private final CallerKeys keys;

  AwsRoute(
      Provider<TokenExchange> exchange,
      ExchangeSettings settings,
      FormRoute forms,
      CallerKeys keys) {
    this.exchange = exchange;
    this.settings = settings;
    this.forms = forms;
    this.keys = keys;
  }

  void register(@Observes Router router) {
    router.routeWithRegex(PREFIX + ".*").handler(this::answer);
  }

  private void answer(RoutingContext call) {
    if (IssuerPath.withoutQuery(call)) {
      return;
    }
    TraceContext.route("GET", PREFIX + "{target}");
    if (!call.request().method().equals(HttpMethod.GET)) {
      refusal(405, RefusalReason.REQUEST_INVALID, "This endpoint supports GET only.")
          .with(Map.of(HttpHeaders.ALLOW, "GET"))
          .sendLast(call);
      return;
    }
    Deadline deadline = Deadline.limit(settings.maxDuration()).within(PATIENCE);
    forms.answer(
        call,
        () ->
            exchange
                .get()
                .exchange(request(call), deadline, TraceContext.executor())
                .thenApply(AwsRoute::answer),
        refused -> refused(refused, ""));
  }

  private ExchangeRequest request(RoutingContext call) {
    HttpServerRequest request = call.request();
    String target = target(call);
    List<FieldViolation> violations = new ArrayList<>();
    if (!IssuerPath.receivedQuery(call).isEmpty()) {
      violations.add(NO_QUERY);
    }
    if (target.isEmpty()) {
      violations.add(NO_TARGET);
    }
    return new ExchangeRequest(
        target,
        AwsRole.class,
        ReceivedForm.authorization(request).replaceFirst("(?i)^bearer +", ""),
        "",
        List.of(),
        null,
        false,
        ReceivedForm.EDGE,
        FormRoute.peer(request),
        keys.of(request, IssuerPath.receivedPath(call)).withoutProof(), // SDKs have none
        PresentedClient.NONE,
        violations);
  }

  /** The target that the path names; empty for none, or where it is no text in UTF-8. */
  private static String target(RoutingContext call) {
    String encoded = call.normalizedPath().substring(PREFIX.length());
    try {
      return URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      return "";
    }
  }

  private static TokenAnswer answer(Exchanged exchanged) {
    String verdict = exchanged.verdict().id();
    return switch (exchanged.outcome()) {
      case Outcome.Accepted<IssuedToken>(IssuedToken token) ->
          // The target may have got another source since the request was read.
          AwsCredentials.read(token.value())
              .map(credentials -> granted(credentials, verdict))
              .orElseGet(() -> refused(Refusal.of(RefusalReason.TARGET_UNKNOWN), verdict));
      case Outcome.Refused<IssuedToken>(Refusal refusal) -> refused(refusal, verdict);
    };
  }

  private static TokenAnswer granted(AwsCredentials credentials, String verdict) {
    return new TokenAnswer(
        200,
        Map.of(TokenAnswer.VERDICT_ID, verdict),
        Buffer.buffer(JsonBytes.of(credentials.members("Token"))));
  }

  /** The refusal as the SDKs show it: they tell their user the code and the message. */
  static TokenAnswer refused(Refusal refusal, String verdict) {
    String text = RefusalText.of(refusal, verdict, AwsRoute::sentence);
    TokenAnswer answer =
        refusal(status(refusal), refusal.reason(), text).with(RefusalResponse.headers(refusal));
    return verdict.isEmpty() ? answer : answer.with(Map.of(TokenAnswer.VERDICT_ID, verdict));
  }

  private static TokenAnswer refusal(int status, RefusalReason reason, String text) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("Code", reason.name());
    members.put("Message", text);
    return new TokenAnswer(status, Map.of(), Buffer.buffer(JsonBytes.of(members)));
  }

  private static String sentence(FieldViolation violation) {
    return violation.field().equals("subject_token")
        ? CREDENTIAL
        : violation.field() + " " + violation.description() + ".";
  }

  private static int status(Refusal refusal) {
    return switch (refusal.reason().kind()) {
      case REQUEST -> ofRequest(refusal.violations());
      case PRESENTATION, PROOF, NONCE, TOKEN_KIND -> 400;
      case CALLER, CREDENTIAL, CREDENTIAL_BARRED, ISSUER_SETTINGS -> 401;
      case CALLER_RIGHTS, RULE, RULE_SETTINGS, SCOPE, UPSTREAM_SETTINGS -> 403;
      case TARGET -> 404;
      case BROKER_LOAD, CALLER_RATE, UPSTREAM_LOAD -> 429;
      case ISSUER_UNAVAILABLE, UPSTREAM_UNAVAILABLE, BROKER_UNAVAILABLE, REVOCATIONS, DEADLINE ->
          503;
      case BUG -> 500;
    };
  }

  private static int ofRequest(List<FieldViolation> violations) {
    if (violations.contains(NO_TARGET)) {
      return 404;
    }
    return violations.stream().anyMatch(wrong -> wrong.field().equals("subject_token")) ? 401 : 400;
  }
}
