package dev.tokenbroker.edges.http.token;

import io.smallrye.common.annotation.NonBlocking;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.jspecify.annotations.Nullable;

/**
 * The documents under {@code /.well-known} that verifiers of minted tokens read: the keys (RFC 7517
 * section 5) and the discovery document (OIDC Discovery section 4, RFC 8414 section 3). They are
 * public.
 */
@Singleton
@NonBlocking
@Path("/.well-known")
public final class WellKnownResource {

  private static final String AUTHORIZATION_SERVER = "/.well-known/oauth-authorization-server";

  private final WellKnownDocuments documents;

  WellKnownResource(WellKnownDocuments documents) {
    this.documents = documents;
  }

  /** The JWK set, with its own media type if the request names that type. */
  @GET
  @Path("jwks.json")
  public Response jwks(
      @Context HttpServerRequest request,
      @HeaderParam(HttpHeaders.IF_NONE_MATCH) @Nullable String ifNoneMatch) {
    boolean named =
        AcceptHeader.names(
            request.headers().getAll(HttpHeaders.ACCEPT), WellKnownDocuments.JWK_SET);
    return named ? documents.jwkSet(ifNoneMatch) : documents.json(ifNoneMatch);
  }

  /** The discovery document. */
  @GET
  @Path("openid-configuration")
  public Response discovery(@HeaderParam(HttpHeaders.IF_NONE_MATCH) @Nullable String ifNoneMatch) {
    return documents.discovery(ifNoneMatch);
  }

  /**
   * The metadata of the authorization server, at the one path that follows from our issuer. The
   * issuer's path comes after the well-known part (RFC 8414 section 3.1). Any other path stands for
   * another issuer.
   */
  @GET
  @Path("oauth-authorization-server{issuerPath:(/.*)?}")
  public Response authorizationServer(
      @Context RoutingContext call,
      @HeaderParam(HttpHeaders.IF_NONE_MATCH) @Nullable String ifNoneMatch) {
    String path = call.normalizedPath();
    // The path may begin with the root path that the operator has set for all of HTTP.
    String rest = path.substring(Math.max(0, path.indexOf(AUTHORIZATION_SERVER)));
    if (!rest.equals(AUTHORIZATION_SERVER + documents.issuerPath())) {
      throw new NotFoundException();
    }
    return documents.discovery(ifNoneMatch);
  }
}
