package dev.tokenbroker.door;

import dev.tokenbroker.door.FirstLook.Kind;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.util.Comparator;
import java.util.List;

/**
 * Has every request looked at before it is routed, by all first looks in one filter: the way from
 * one filter to the next costs a call more than what most of them look at. Safe for use by several
 * event loops.
 */
@Singleton
final class Entrance {

  private static final int BEFORE_ALL_OTHERS = 1_000;

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

  private void take(RoutingContext request) {
    for (FirstLook look : GrpcRequest.is(request.request()) ? atCalls : atOthers) {
      if (!look.passes(request)) {
        return;
      }
    }
    request.next();
  }
}
