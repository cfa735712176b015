package dev.tokenbroker.workload;

import io.quarkus.oidc.Tenant;
import io.quarkus.oidc.client.OidcClient;
import io.quarkus.oidc.client.OidcClientException;
import io.quarkus.oidc.client.Tokens;
import io.quarkus.security.PermissionsAllowed;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.util.Map;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.Status;

/** A workload that exchanges its credential, and a service that accepts the token in two ways. */
@Path("")
public class Workload {

  private final OidcClient broker;
  private final SecurityIdentity caller;

  Workload(OidcClient broker, SecurityIdentity caller) {
    this.broker = broker;
    this.caller = caller;
  }

  /**
   * Exchanges the credential in the body, or sends the one that the settings name if the body is
   * empty; 502 with the error of the client library.
   */
  @POST
  @Path("token")
  public Uni<RestResponse<String>> token(String credential) {
    return broker
        .getTokens(credential.isEmpty() ? Map.of() : Map.of("subject_token", credential))
        .map(Tokens::getAccessToken)
        .map(RestResponse::ok)
        .onFailure(OidcClientException.class)
        .recoverWithItem(refused -> RestResponse.status(Status.BAD_GATEWAY, refused.getMessage()));
  }

  /** Verifies the token of the caller with the published keys. */
  @GET
  @Path("verified")
  @PermissionsAllowed("read")
  public String verified() {
    return caller.getPrincipal().getName();
  }

  /** Asks the broker for the token of the caller. */
  @GET
  @Path("introspected")
  @Tenant("introspected")
  @PermissionsAllowed("read")
  public String introspected() {
    return caller.getPrincipal().getName();
  }
}
