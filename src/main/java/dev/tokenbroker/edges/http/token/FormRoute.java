package dev.tokenbroker.edges.http.token;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.text.BugReport;
import dev.tokenbroker.edges.edge.CallsUnderWay;
import dev.tokenbroker.edges.edge.TraceContext;
import dev.tokenbroker.evaluate.exchange.ExchangeSettings;
import dev.tokenbroker.judge.credential.CredentialSettings;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.TimeoutHandler;
import jakarta.inject.Singleton;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * The route of an endpoint that takes a form. It checks the head of a request, reads the body
 * within limits of size and time, and writes the response once. Never blocks.
 *
 * <p>Routes exist before the settings are checked, so each request reads the settings.
 */
@Singleton
public final class FormRoute {

  private static final Logger LOG = Logger.getLogger(FormRoute.class);

  private static final int MIN_MAX_BODY_BYTES = 48 * 1024;

  /** Room for the percent-encoding of the credential and for the other parameters. */
  private static final int BESIDE_CREDENTIAL_BYTES = 16 * 1024;

  /** The name under which a routing context holds the deadline of its request. */
  private static final String DEADLINE = FormRoute.class.getName();

  private final ExchangeSettings settings;
  private final CredentialSettings credentials;
  private final CallsUnderWay underWay;
  private final CallerKeys keys;

  FormRoute(
      ExchangeSettings settings,
      CredentialSettings credentials,
      CallsUnderWay underWay,
      CallerKeys keys) {
    this.settings = settings;
    this.credentials = credentials;
    this.underWay = underWay;
    this.keys = keys;
  }

  /** Adds a route. The next handler of the route gets requests whose body has been read. */
  public Route at(Router router, String path) {
    return router
        .route(path)
        .handler(call -> checkHead(call, path))
        .handler(this::limitTime)
        .handler(this::readBody)
        .failureHandler(this::fail);
  }

  private void checkHead(RoutingContext call, String path) {
    if (IssuerPath.withoutQuery(call)) {
      return;
    }
    TraceContext.route("POST", path);
    call.put(DEADLINE, Deadline.limit(settings.maxDuration()));
    call.addHeadersEndHandler(_ -> addNonce(call));
    FormHead.refusal(call.request()).ifPresentOrElse(refused -> send(call, refused), call::next);
  }

  private void addNonce(RoutingContext call) {
    keys.nonceFor(call.request())
        .ifPresent(nonce -> call.response().putHeader(CallerKeys.NONCE, nonce));
  }

  private void limitTime(RoutingContext call) {
    TimeoutHandler.create(settings.maxDuration().toMillis(), TokenError.BODY_TOO_SLOW.status())
        .handle(call);
  }

  private void readBody(RoutingContext call) {
    // BodyHandler would decode a body of the form type by laxer rules than FormParameters. It would
    // also fail a request that it cannot decode.
    call.request().headers().remove(HttpHeaders.CONTENT_TYPE);
    BodyHandler.create(false).setBodyLimit(maxBodyBytes()).handle(call);
  }

  private int maxBodyBytes() {
    return Math.max(MIN_MAX_BODY_BYTES, credentials.maxSizeBytes() + BESIDE_CREDENTIAL_BYTES);
  }

  /** The form of a request whose body has been read. */
  public ReceivedForm received(RoutingContext call) {
    HttpServerRequest request = call.request();
    Deadline deadline = Objects.requireNonNull(call.get(DEADLINE));
    return new ReceivedForm(
        Objects.requireNonNullElseGet(call.body().buffer(), Buffer::buffer),
        IssuerPath.receivedQuery(call),
        ReceivedForm.authorization(request),
        keys.of(request, IssuerPath.receivedPath(call)),
        peer(request),
        deadline);
  }

  /**
   * The address of the caller without the port: of the connection, or as a trusted proxy names it
   * ({@code quarkus.http.proxy}); empty if unknown. Rights by address use the connection instead.
   */
  static String peer(HttpServerRequest request) {
    // A closed connection may have no address any more, and a domain socket never has one.
    SocketAddress address = request.remoteAddress();
    return address == null ? "" : Objects.requireNonNullElse(address.hostAddress(), "");
  }

  /**
   * Answers a request, or refuses it if the broker is shutting down.
   *
   * @param work makes the response; must not block, and may complete its stage on any thread
   */
  public void answer(RoutingContext call, Supplier<CompletionStage<TokenAnswer>> work) {
    answer(call, work, FormRoute::unread);
  }

  /**
   * As {@link #answer(RoutingContext, Supplier)}.
   *
   * @param refused makes the response to a request that is not evaluated
   */
  public void answer(
      RoutingContext call,
      Supplier<CompletionStage<TokenAnswer>> work,
      Function<Refusal, TokenAnswer> refused) {
    if (!underWay.begin()) {
      refused.apply(Refusal.of(RefusalReason.BROKER_STOPPING)).send(call);
      return;
    }
    Context context = call.vertx().getOrCreateContext();
    start(work)
        .exceptionally(bug -> refused.apply(reported(bug)))
        .thenAccept(answer -> context.runOnContext(_ -> finish(call, answer)));
  }

  private static CompletionStage<TokenAnswer> start(Supplier<CompletionStage<TokenAnswer>> work) {
    try {
      return work.get();
    } catch (RuntimeException | Error bug) {
      return CompletableFuture.failedStage(bug);
    }
  }

  private void finish(RoutingContext call, TokenAnswer answer) {
    try {
      answer.send(call);
    } finally {
      underWay.end();
    }
  }

  /** Answers a request that cannot be read, or whose handler failed because of a bug. */
  private void fail(RoutingContext call) {
    int status = call.statusCode();
    if (status == TokenError.BODY_TOO_SLOW.status() && call.request().isEnded()) {
      return; // The body arrived in time, and the deadline of the request bounds its response.
    }
    TokenAnswer failed =
        switch (status) {
          case 408 ->
              RefusalResponse.unread(TokenError.BODY_TOO_SLOW, "The request body took too long.");
          case 413 ->
              RefusalResponse.unread(
                  TokenError.BODY_TOO_LARGE,
                  "The request body is longer than " + maxBodyBytes() + " bytes.");
          case 417 ->
              RefusalResponse.unread(
                  TokenError.EXPECTATION_FAILED, "The only supported expectation is 100-continue.");
          case 500 ->
              unread(
                  reported(
                      Objects.requireNonNullElseGet(call.failure(), IllegalStateException::new)));
          default ->
              RefusalResponse.unread(TokenError.INVALID_REQUEST, "The request body is unreadable.");
        };
    send(call, failed);
  }

  private static Refusal reported(Throwable bug) {
    LOG.errorf("An HTTP request failed because of a bug: %s", BugReport.of(bug));
    return Refusal.of(RefusalReason.INTERNAL_ERROR);
  }

  private static TokenAnswer unread(Refusal refusal) {
    return RefusalResponse.unread(
        RefusalResponse.error(refusal.reason(), GrantType.TOKEN_EXCHANGE), refusal);
  }

  /** Closes the connection after the response if the client may still be sending the body. */
  private static void send(RoutingContext call, TokenAnswer answer) {
    HttpServerRequest request = call.request();
    boolean announcesBody =
        request.headers().contains(HttpHeaders.CONTENT_LENGTH)
            || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    if (announcesBody && !request.isEnded()) {
      answer.sendLast(call);
    } else {
      answer.send(call);
    }
  }
}
