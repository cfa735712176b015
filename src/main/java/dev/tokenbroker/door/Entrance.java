package dev.tokenbroker.door;

import dev.tokenbroker.door.FirstLook.Kind;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.util.Comparator;
import java.util.List;

/**
 * Has every request looked at before it is routed, by all first looks in one filter: the way from
 * one filter to the next costs a call more than what most of them look at. What the router fails
 * before any filter sees it is looked at all the same, since it is answered, too. Safe for use by
 * several event loops.
 */
@Singleton
final class Entrance {

  private static final int BEFORE_ALL_OTHERS = 1_000;

  /** Says of a request that it was looked at, or will be. */
  private static final String TAKEN = Entrance.class.getName();

  private final List<FirstLook> atCalls;
  private final List<FirstLook> atOthers;

  Entrance(Instance<FirstLook> looks) {
    this.atCalls = of(Kind.CALL, looks);
    this.atOthers = of(Kind.OTHER, looks);
  }

  private static List<FirstLook> of(Kind kind, Instance<FirstLook> looks) {
    return looks.stream()
        .filter(look -> look.kinds().contains(kind))
        .sorted(Comparator.comparing(FirstLook::mayAnswer))
        .toList();
  }

  void register(@Observes Filters filters) {
    filters.register(this::take, BEFORE_ALL_OTHERS);
  }

  /** For requests that fail before any filter sees them. */
  void registerForFailures(@Observes Router router) {
    router.route().order(-BEFORE_ALL_OTHERS).failureHandler(this::takeFailed);
  }

  private void take(RoutingContext request) {
    request.put(TAKEN, true);
    for (FirstLook look : GrpcRequest.is(request.request()) ? atCalls : atOthers) {
      if (!look.passes(request)) {
        return;
      }
    }
    request.next();
  }

  private void takeFailed(RoutingContext request) {
    if (request.get(TAKEN) != null) {
      request.next();
    } else if (isCallWithoutAuthority(request)) {
      request.put(TAKEN, true); // Once: what fails again before it comes by here is answered.
      request.reroute(request.request().uri());
    } else {
      take(request);
    }
  }

  /**
   * A call need not have one (gRPC over HTTP/2, Requests), for which the router fails it. One whose
   * path is a whole URI names no method.
   */
  private static boolean isCallWithoutAuthority(RoutingContext request) {
    HttpServerRequest call = request.request();
    return GrpcRequest.is(call)
        && call.authority() == null
        && call.uri() != null
        && call.uri().startsWith("/");
  }
}
