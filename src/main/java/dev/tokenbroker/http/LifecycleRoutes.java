package dev.tokenbroker.http;

import dev.tokenbroker.door.CallsOffLoop.Kind;
import dev.tokenbroker.door.WorkOffLoop;
import dev.tokenbroker.lifecycle.TokenIntrospection;
import dev.tokenbroker.lifecycle.TokenRevocation;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import io.vertx.ext.web.Router;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * The endpoints for introspection (RFC 7662 section 2) and revocation (RFC 7009 section 2). The
 * form is read only once the caller is known; all of it happens on a virtual thread, since it
 * checks signatures and writes to the disk.
 */
@Singleton
final class LifecycleRoutes {

  static final String INTROSPECTION_PATH = "/introspect";
  static final String REVOCATION_PATH = "/revoke";

  private static final String TOKEN = "token";
  private static final String HINT = "token_type_hint";

  // As in TokenRoute: what reads settings is made at the first request.
  private final Provider<TokenIntrospection> introspection;
  private final Provider<TokenRevocation> revocation;
  private final FormDoor door;
  private final WorkOffLoop work;

  LifecycleRoutes(
      Provider<TokenIntrospection> introspection,
      Provider<TokenRevocation> revocation,
      FormDoor door,
      WorkOffLoop work) {
    this.introspection = introspection;
    this.revocation = revocation;
    this.door = door;
    this.work = work;
  }

  void register(@Observes Router router) {
    router
        .route(INTROSPECTION_PATH)
        .handler(call -> door.take(call, (form, reply) -> offLoop(form, reply, this::introspect)));
    router
        .route(REVOCATION_PATH)
        .handler(call -> door.take(call, (form, reply) -> offLoop(form, reply, this::revoke)));
  }

  private TokenAnswer introspect(ReceivedForm form) {
    return LifecycleAnswer.introspected(
        introspection.get().introspect(form.caller(), () -> token(form), form.deadline()), form);
  }

  private TokenAnswer revoke(ReceivedForm form) {
    return LifecycleAnswer.revoked(
        revocation.get().revoke(form.caller(), () -> token(form), form.deadline()), form);
  }

  private void offLoop(
      ReceivedForm form, TokenReply reply, Function<ReceivedForm, TokenAnswer> answer) {
    if (!door.admits(reply)) {
      return;
    }
    work.begin(Kind.LIFECYCLE, () -> reply.offLoop(() -> answer.apply(form), door::leave))
        .ifPresent(
            reason ->
                reply.with(() -> LifecycleAnswer.refused(Refusal.of(reason), form), door::leave));
  }

  /** The token of a form. A hint is no more than that: all kinds are looked for anyway. */
  private static Outcome<String> token(ReceivedForm form) {
    return FormParameters.parse(form.body(), Set.of(TOKEN, HINT)).then(LifecycleRoutes::token);
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
