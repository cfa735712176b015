package dev.tokenbroker.http;

import dev.tokenbroker.exchange.ExchangeSettings;
import dev.tokenbroker.exchange.Verdict;
import dev.tokenbroker.exchange.Verdicts;
import dev.tokenbroker.lifecycle.OperatorAccess;
import dev.tokenbroker.lifecycle.PresentedCaller;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Refusal;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import org.eclipse.microprofile.faulttolerance.Bulkhead;

/**
 * Serves the whole verdict with an id, to operators only. No other caller learns whether an id
 * exists. The class is not final, because the container extends it for the bulkhead.
 */
@Path("/verdicts/{id}")
public class VerdictResource {

  private final Verdicts verdicts;
  private final OperatorAccess operators;
  private final CallerKeys keys;
  private final ExchangeSettings settings;

  VerdictResource(
      Verdicts verdicts, OperatorAccess operators, CallerKeys keys, ExchangeSettings settings) {
    this.verdicts = verdicts;
    this.operators = operators;
    this.keys = keys;
    this.settings = settings;
  }

  /**
   * The verdict as JSON; 401 if the caller is no operator (RFC 6750 section 3), 404 if the verdict
   * is not stored. The bulkhead bounds the proofs that unknown callers can make the broker verify.
   */
  @GET
  @RunOnVirtualThread
  @Bulkhead(16)
  public Response verdict(@PathParam("id") String id, @Context HttpServerRequest request) {
    Deadline deadline = Deadline.limit(settings.maxDuration());
    String authorization = ReceivedForm.authorization(request);
    PresentedCaller caller = new PresentedCaller(authorization, keys.of(request), "", "");
    Optional<Refusal> refusal = operators.refusal(caller, isLoopback(request), deadline);
    Response answer =
        refusal.isPresent()
            ? ProblemDetails.ofCaller(refusal.get(), authorization).answer()
            : verdicts.find(id).map(VerdictResource::found).orElseGet(VerdictResource::gone);
    return keys.nonceFor(request)
        .map(nonce -> Response.fromResponse(answer).header(CallerKeys.NONCE, nonce).build())
        .orElse(answer);
  }

  private static Response found(Verdict verdict) {
    return Response.ok(VerdictJson.of(verdict), MediaType.APPLICATION_JSON_TYPE)
        .header(HttpHeaders.CACHE_CONTROL, "no-store")
        .build();
  }

  private static Response gone() {
    return new ProblemDetails(
            Response.Status.NOT_FOUND,
            "No verdict with this id is stored. Verdicts are kept for a limited time and number.")
        .answer();
  }

  // The address is a literal, so getByName resolves nothing.
  private static boolean isLoopback(HttpServerRequest request) {
    try {
      return InetAddress.getByName(request.connection().remoteAddress().hostAddress())
          .isLoopbackAddress();
    } catch (UnknownHostException notAnAddress) {
      return false;
    }
  }
}
