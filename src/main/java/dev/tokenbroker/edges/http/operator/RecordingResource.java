package dev.tokenbroker.edges.http.operator;

import dev.tokenbroker.edges.http.token.ProblemDetails;
import dev.tokenbroker.operate.recording.Recorder;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import org.jboss.logging.Logger;

/** Serves the recording to operators only, as the JSON lines that {@code replay} reads. */
@Path("/recording")
public final class RecordingResource {

  private static final Logger LOG = Logger.getLogger(RecordingResource.class);

  private final Recorder recorder;
  private final OperatorRequests requests;

  RecordingResource(Recorder recorder, OperatorRequests requests) {
    this.recorder = recorder;
    this.requests = requests;
  }

  /** The recording; 401 if the caller is no operator, 404 if the broker does not record. */
  @GET
  @RunOnVirtualThread
  public Response recording(@Context HttpServerRequest request) {
    return requests.toOperator(request, () -> recorder.isEnabled() ? recorded() : none());
  }

  private Response recorded() {
    return Response.ok((StreamingOutput) this::write, OperatorStreams.MEDIA_TYPE)
        .header(HttpHeaders.CACHE_CONTROL, "no-store")
        .build();
  }

  private void write(OutputStream output) {
    try {
      recorder.write(output);
    } catch (IOException gone) {
      // Only a write fails so. Nobody is left to be told, and any reader could fill the log.
      LOG.debugf("A recording was not read to its end: %s", gone.getMessage());
    }
  }

  private static Response none() {
    return new ProblemDetails(
            Response.Status.NOT_FOUND,
            "This broker does not record. Set token-broker.recording.enabled to true.")
        .answer();
  }
}
