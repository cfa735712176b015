package dev.tokenbroker.devissuer;

import dev.tokenbroker.edges.grpc.GrpcServer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import io.quarkus.arc.profile.IfBuildProfile;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.jboss.resteasy.reactive.RestQuery;

/**
 * The development issuer over HTTP: its documents, credentials on request, and a trial of one at
 * the broker. Responses are plain text, for {@code curl}.
 */
@Singleton
@IfBuildProfile(anyOf = {"dev", "test"})
@Path(DevIssuer.PATH)
@Produces(MediaType.TEXT_PLAIN)
public final class DevIssuerResource {

  private final DevIssuer issuer;
  private final GrpcServer grpc;

  DevIssuerResource(DevIssuer issuer, GrpcServer grpc) {
    this.issuer = issuer;
    this.grpc = grpc;
  }

  /** Lists what this issuer offers. */
  @GET
  public String help(@Context HttpServerRequest request) {
    return Welcome.issuer(port(request));
  }

  @GET
  @Path(".well-known/openid-configuration")
  @Produces(MediaType.APPLICATION_JSON)
  public String discovery(@Context HttpServerRequest request) {
    return issuer.discovery(port(request));
  }

  @GET
  @Path("jwks.json")
  @Produces("application/jwk-set+json")
  public String jwks() {
    return issuer.jwks();
  }

  /** A compact JWT without a line break, so that {@code $(curl …)} and {@code @file} both work. */
  @GET
  @Path("credential")
  public String credential(CredentialParameters wanted, @Context HttpServerRequest request) {
    return issuer.credential(port(request), wanted.credential());
  }

  /** The same by POST, since each response is a new credential. */
  @POST
  @Path("credential")
  public String newCredential(CredentialParameters wanted, @Context HttpServerRequest request) {
    return credential(wanted, request);
  }

  /**
   * Makes a credential, exchanges it at the broker over gRPC and prints the result.
   *
   * @param target the audience of the requested token
   * @param scope the requested scopes; none for all that are granted
   */
  @GET
  @Path("try")
  public String attempt(
      CredentialParameters wanted,
      @RestQuery @DefaultValue(Demonstration.TARGET) String target,
      @RestQuery List<String> scope,
      @Context HttpServerRequest request) {
    ExchangeTokenRequest exchange =
        ExchangeTokenRequest.newBuilder()
            .setAudience(target)
            .addAllScopes(scope)
            .setSubjectToken(credential(wanted, request))
            .build();
    try (OwnBroker broker = new OwnBroker(grpc.port())) {
      return AttemptText.of(broker.attempt(exchange));
    }
  }

  private static int port(HttpServerRequest request) {
    return request.localAddress().port();
  }
}
