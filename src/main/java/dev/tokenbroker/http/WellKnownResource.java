package dev.tokenbroker.http;

import io.smallrye.common.annotation.NonBlocking;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpUtils;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The documents under {@code /.well-known} that verifiers of minted tokens read: the keys (RFC 7517
 * section 5) and the discovery document (OIDC Discovery section 4, RFC 8414 section 3). Open to
 * everybody.
 */
@Singleton
@NonBlocking
@Path("/.well-known")
public final class WellKnownResource {

  private static final String AUTHORIZATION_SERVER = "/.well-known/oauth-authorization-server";

  private final WellKnownDocuments documents;

  @Inject
  WellKnownResource(WellKnownDocuments documents) {
    this.documents = documents;
  }

  /** The JWK set, under its own media type for those who ask for it by name. */
  @GET
  @Path("jwks.json")
  public Response jwks(
      @Context HttpServerRequest request,
      @HeaderParam(HttpHeaders.IF_NONE_MATCH) @Nullable String ifNoneMatch) {
    boolean asked =
        AcceptHeader.names(
            request.headers().getAll(HttpHeaders.ACCEPT), WellKnownDocuments.JWK_SET);
    return asked ? documents.jwkSet(ifNoneMatch) : documents.json(ifNoneMatch);
  }

  /** The discovery document. */
  @GET
  @Path("openid-configuration")
  public Response discovery(@HeaderParam(HttpHeaders.IF_NONE_MATCH) @Nullable String ifNoneMatch) {
    return documents.discovery(ifNoneMatch);
  }

  /**
   * The metadata of the authorization server, at the one path that follows from our issuer: the
   * issuer's path comes after the well-known part (RFC 8414 section 3.1). At any other path it
   * would name another issuer than the one it was asked for.
   */
  @GET
  @Path("oauth-authorization-server{issuerPath:(/.*)?}")
  public Response authorizationServer(
      @Context HttpServerRequest request,
      @HeaderParam(HttpHeaders.IF_NONE_MATCH) @Nullable String ifNoneMatch) {
    String path = HttpUtils.normalizePath(Objects.requireNonNullElse(request.path(), "/"));
    // What stands before is the root that the operator has set for all of HTTP.
    String rest = path.substring(Math.max(0, path.indexOf(AUTHORIZATION_SERVER)));
    if (!rest.equals(AUTHORIZATION_SERVER + documents.issuerPath())) {
      throw new NotFoundException();
    }
    return documents.discovery(ifNoneMatch);
  }
}
