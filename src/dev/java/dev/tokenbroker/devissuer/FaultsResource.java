package dev.tokenbroker.devissuer;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.devissuer.Faults.PresentFault;
import io.quarkus.arc.profile.IfBuildProfile;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestPath;

/**
 * The faults of the development issuer over HTTP: GET lists them, POST begins one, DELETE ends it.
 * Pages of other sites can begin and end none.
 */
@Singleton
@IfBuildProfile(anyOf = {"dev", "test"})
@Path(DevIssuer.PATH + "/faults")
public final class FaultsResource {

  private final Faults faults;
  private final Traffic traffic;

  FaultsResource(Faults faults, Traffic traffic) {
    this.faults = faults;
    this.traffic = traffic;
  }

  @GET
  public Response list() {
    return document();
  }

  /** 404 for a name that no fault has. */
  @POST
  @Path("{name}")
  public Response begin(@RestPath String name, @Context HttpServerRequest request) {
    Optional<Fault> wanted = Fault.named(name);
    if (isOfAnotherSite(request)) {
      return problem(403, "Only a page of the broker itself, or no page, may begin a fault.");
    }
    if (wanted.isEmpty()) {
      return problem(404, "There is no such fault.");
    }
    if (!faults.isPossible()) {
      return problem(409, "The issuer ci does not run. Set dev-issuer.ci-port.");
    }
    faults.begin(wanted.get());
    return document();
  }

  @DELETE
  public Response end(@Context HttpServerRequest request) {
    if (isOfAnotherSite(request)) {
      return problem(403, "Only a page of the broker itself, or no page, may end a fault.");
    }
    faults.end();
    return document();
  }

  /** Browsers send both headers, and pages cannot set them; curl sends neither. */
  private static boolean isOfAnotherSite(HttpServerRequest request) {
    return request.headers().contains("Origin")
        && !"same-origin".equals(request.getHeader("Sec-Fetch-Site"));
  }

  private Response document() {
    PresentFault present = faults.present();
    Map<String, Object> document = new LinkedHashMap<>();
    document.put(
        "faults",
        Arrays.stream(Fault.values())
            .map(fault -> entry(fault, present != null && present.fault() == fault))
            .toList());
    document.put("active", present == null ? "" : present.fault().label());
    if (present != null) {
      document.put("since_time", present.since().toString());
    }
    boolean flowing = traffic.isFlowing();
    document.put(
        "traffic",
        Map.of(
            "callers", flowing ? Traffic.CALLERS : 0,
            "per_second", flowing ? Traffic.PER_SECOND : 0));
    return json(200, document);
  }

  private static Map<String, Object> entry(Fault fault, boolean active) {
    ChangeKind change = fault.change();
    RefusalReason reason = fault.reason();
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("name", fault.label());
    entry.put("label", fault.button());
    entry.put("group", fault.group().label());
    entry.put("meaning", fault.meaning());
    entry.put("callers", fault.callers());
    entry.put("change", change == null ? "" : change.label());
    entry.put("reason", reason == null ? "" : reason.name());
    entry.put("active", active);
    return entry;
  }

  private static Response problem(int status, String detail) {
    return json(status, Map.of("status", status, "detail", detail));
  }

  private static Response json(int status, Map<String, Object> document) {
    return Response.status(status)
        .entity(JSONObjectUtils.toJSONString(document) + "\n")
        .type(MediaType.APPLICATION_JSON_TYPE)
        .header(HttpHeaders.CACHE_CONTROL, "no-store")
        .build();
  }
}
