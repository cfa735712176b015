package dev.tokenbroker.edges.http.operator;

import dev.tokenbroker.base.json.JsonBytes;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Serves to operators which replicas are up. */
@Path("/replicas")
public final class ReplicasResource {

  private final ReplicaMembers replicas;
  private final OperatorRequests requests;

  ReplicasResource(ReplicaMembers replicas, OperatorRequests requests) {
    this.replicas = replicas;
    this.requests = requests;
  }

  /** The replicas, this one first; 401 if the caller is no operator. */
  @GET
  @RunOnVirtualThread
  public Response replicas(@Context HttpServerRequest request) {
    return requests.toOperator(request, () -> OperatorRequests.json(document()));
  }

  private String document() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("shared", replicas.isShared());
    members.put("silence_seconds", replicas.silence().toSeconds());
    replicas.describe(members);
    members.put("left_out", Math.max(0, replicas.size() - ReplicaMembers.MAX_REPLICAS));
    return new String(JsonBytes.of(members), StandardCharsets.UTF_8);
  }
}
