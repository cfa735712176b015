package dev.tokenbroker.peers.store;

import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many replicas of the server must have a write before it counts.
 *
 * @param replicas zero for none
 */
record ReplicaWait(int replicas, int millis) {

  /** The write, and what waits for the replicas on the same connection. */
  List<Request> after(Request write) {
    return replicas == 0 ? List.of(write) : List.of(write, ValkeyScripts.await(replicas, millis));
  }

  /** Whether a write with these responses could be lost, since too few replicas have it. */
  boolean tooFewHave(List<@Nullable Response> responses) {
    if (replicas == 0) {
      return false;
    }
    @Nullable Response response = responses.getLast();
    @Nullable Long have =
        response != null && response.type() == ResponseType.NUMBER ? response.toLong() : null;
    return have == null || have < replicas;
  }
}
