package dev.tokenbroker.edges.http.token;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.revocation.TokenIntrospection;
import dev.tokenbroker.evaluate.revocation.TokenRevocation;
import dev.tokenbroker.evaluate.revocation.TokenRevocation.NamedToken;
import io.quarkus.virtual.threads.VirtualThreads;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.function.Function;

/**
 * The endpoints for introspection (RFC 7662 section 2) and revocation (RFC 7009 section 2). Both
 * read the token in the form only after they have authenticated the caller. Each request runs on a
 * virtual thread, because it verifies signatures and may write to disk.
 */
@Singleton
public final class LifecycleRoutes {

  static final String INTROSPECTION_PATH = "/introspect";
  static final String REVOCATION_PATH = "/revoke";

  private static final String TOKEN = "token";
  private static final String HINT = "token_type_hint";
  private static final String AUDIENCE = "audience";

  // Routes exist before the settings are checked, so each request looks these beans up.
  private final Provider<TokenIntrospection> introspection;
  private final Provider<TokenRevocation> revocation;
  private final FormRoute forms;
  private final ExecutorService threads;

  LifecycleRoutes(
      Provider<TokenIntrospection> introspection,
      Provider<TokenRevocation> revocation,
      FormRoute forms,
      @VirtualThreads ExecutorService threads) {
    this.introspection = introspection;
    this.revocation = revocation;
    this.forms = forms;
    this.threads = threads;
  }

  void register(@Observes Router router) {
    forms.at(router, INTROSPECTION_PATH).handler(call -> answer(call, this::introspect));
    forms.at(router, REVOCATION_PATH).handler(call -> answer(call, this::revoke));
  }

  private void answer(RoutingContext call, Function<ReceivedForm, TokenAnswer> work) {
    ReceivedForm form = forms.received(call);
    forms.answer(call, () -> CompletableFuture.supplyAsync(() -> work.apply(form), threads));
  }

  private TokenAnswer introspect(ReceivedForm form) {
    return LifecycleAnswer.introspected(
        introspection.get().introspect(form.caller(), () -> token(form), form.deadline()), form);
  }

  private TokenAnswer revoke(ReceivedForm form) {
    return LifecycleAnswer.revoked(
        revocation.get().revoke(form.caller(), () -> named(form), form.deadline()), form);
  }

  /**
   * The token in a form. The hint is ignored, because the broker looks up every kind of token
   * anyway.
   */
  public static Outcome<String> token(ReceivedForm form) {
    return form.parameters(Set.of(TOKEN, HINT)).then(LifecycleRoutes::token);
  }

  /** The token to revoke, with the target that the caller may name for it. */
  private static Outcome<NamedToken> named(ReceivedForm form) {
    return form.parameters(Set.of(TOKEN, HINT, AUDIENCE))
        .then(
            parameters ->
                parameters.all(AUDIENCE).size() <= 1
                    ? token(parameters)
                        .map(token -> new NamedToken(token, parameters.first(AUDIENCE)))
                    : Outcome.refused(
                        Refusal.of(RefusalReason.REQUEST_INVALID)
                            .expected("audience must be given at most once")));
  }

  private static Outcome<String> token(FormParameters parameters) {
    List<String> tokens = parameters.all(TOKEN);
    return tokens.size() == 1 && parameters.all(HINT).size() <= 1
        ? Outcome.accepted(tokens.getFirst())
        : Outcome.refused(
            Refusal.of(RefusalReason.REQUEST_INVALID)
                .expected("token must be given once, token_type_hint at most once"));
  }
}
