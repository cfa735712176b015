package dev.tokenbroker.edges.http.operator;

import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.evaluate.exchange.Verdicts;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.eclipse.microprofile.faulttolerance.Bulkhead;
import org.jspecify.annotations.Nullable;

/**
 * Lists the last refused exchanges to operators only, without a subject or a claim. The class is
 * not final, because the container extends it for the bulkhead.
 */
@Path("/verdicts")
public class RefusedResource {

  private final Verdicts verdicts;
  private final OperatorRequests requests;

  RefusedResource(Verdicts verdicts, OperatorRequests requests) {
    this.verdicts = verdicts;
    this.requests = requests;
  }

  /**
   * The refused exchanges, the newest first, of one issuer, target, rule and reason if given; 401
   * if the caller is no operator. The bulkhead bounds the walks over all verdicts.
   */
  @GET
  @RunOnVirtualThread
  @Bulkhead(16)
  public Response refused(
      @QueryParam("issuer") @Nullable String issuer,
      @QueryParam("target") @Nullable String target,
      @QueryParam("rule") @Nullable String rule,
      @QueryParam("reason") @Nullable String reason,
      @Context HttpServerRequest request) {
    Predicate<Verdict> wanted =
        verdict ->
            fits(issuer, verdict.issuer())
                && fits(target, verdict.target())
                && fits(rule, verdict.rule())
                && fits(reason, String.valueOf(verdict.reason()));
    return requests.toOperator(
        request, () -> OperatorRequests.json(document(verdicts.lastRefused(wanted))));
  }

  private static boolean fits(@Nullable String wanted, @Nullable String value) {
    return wanted == null || wanted.equals(value);
  }

  private static String document(List<Verdict> refused) {
    List<Map<String, Object>> exchanges = refused.stream().map(RefusedResource::members).toList();
    return new String(JsonBytes.of(Map.of("refused", exchanges)), StandardCharsets.UTF_8);
  }

  /** As in the stream of the console, as far as a verdict knows it. */
  private static Map<String, Object> members(Verdict verdict) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("time", verdict.evaluationTime().toString());
    members.put("verdict_id", verdict.id());
    members.put("intent", verdict.intent().label());
    members.put("outcome", "refused");
    members.put("reason", String.valueOf(verdict.reason()));
    JsonBytes.putUnlessEmpty(members, "issuer", verdict.issuer());
    JsonBytes.putUnlessEmpty(members, "rule", verdict.rule());
    JsonBytes.putUnlessEmpty(members, "target", verdict.target());
    return members;
  }
}
