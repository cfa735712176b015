package dev.tokenbroker.door;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/** Tells the calls of gRPC from all else that comes through the one port. */
public final class GrpcRequest {

  /** Of the answers to calls, too. */
  public static final String CONTENT_TYPE = "application/grpc";

  private GrpcRequest() {}

  /** Whether it is a call: by its media type, whose case does not count, and over HTTP/2 only. */
  public static boolean is(HttpServerRequest request) {
    String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
    return type != null
        && type.regionMatches(true, 0, CONTENT_TYPE, 0, CONTENT_TYPE.length())
        && request.version() == HttpVersion.HTTP_2;
  }
}
