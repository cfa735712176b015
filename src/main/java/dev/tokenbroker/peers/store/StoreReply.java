package dev.tokenbroker.peers.store;

import io.vertx.redis.client.Response;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a call of the store ended. */
sealed interface StoreReply {

  /**
   * The server has answered each request.
   *
   * @param responses one for each request; null where the server has no value
   */
  record Answered(List<@Nullable Response> responses) implements StoreReply {}

  /**
   * No answer, or an error.
   *
   * @param sent whether the server may have done what it was asked for
   */
  record Away(boolean sent) implements StoreReply {}
}
