package dev.tokenbroker.door;

import io.vertx.ext.web.RoutingContext;
import java.util.Set;

/**
 * A look at requests before they are routed, on their event loop; see {@link Entrance}. What the
 * router has failed by then, for want of a host or a path, is looked at, too.
 */
public interface FirstLook {

  /** Kinds of requests, which are prepared in different ways. */
  enum Kind {
    /** Calls of gRPC, as {@link GrpcRequest} tells them. */
    CALL,
    /** All others. */
    OTHER
  }

  /** The kinds that it looks at. */
  Set<Kind> kinds();

  /** Whether it answers some by itself: such come after all that only prepare. */
  boolean mayAnswer();

  /**
   * Looks at a request.
   *
   * @return false where it has answered it, so that nothing follows
   */
  boolean passes(RoutingContext request);
}
