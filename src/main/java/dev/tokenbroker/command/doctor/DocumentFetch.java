package dev.tokenbroker.command.doctor;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.peers.http.AnswerText;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.CallEnd.Response;
import dev.tokenbroker.peers.http.CallFailed;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.ProbeClient;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Fetches documents of one peer, and names what came instead of a document. */
final class DocumentFetch {

  private static final int OK = 200;

  private final ProbeClient probes;
  private final PeerSide side;
  private final CheckList checks;
  private final @Nullable String tls;

  /**
   * @param tls the name of the TLS configuration; null for the default one
   */
  DocumentFetch(ProbeClient probes, PeerSide side, CheckList checks, @Nullable String tls) {
    this.probes = probes;
    this.side = side;
    this.checks = checks;
    this.tls = tls;
  }

  /** A response with status 200; empty if there is none, which is reported. */
  Optional<Response> get(URI uri, DoctorCheck check) {
    return switch (probe(uri)) {
      case CallFailed(FetchFailure kind, String detail, var _, var _) -> {
        checks.found(check, side.of(kind), uri + ": " + detail, remedy(uri, kind));
        yield Optional.empty();
      }
      case Response answer -> accept(answer, uri, check);
    };
  }

  /** The response to a GET, without a report. */
  CallEnd probe(URI uri) {
    return probes.get(uri, tls, Deadline.after(HostChecks.LIMIT));
  }

  private Optional<Response> accept(Response answer, URI uri, DoctorCheck check) {
    String from = answer.words().uri() + " answers ";
    int status = answer.status();
    if (answer.location() != null) {
      checks.found(
          check,
          side.malformed(),
          from + status + " to " + answer.location() + ", which the broker does not follow",
          "Have the document served at "
              + answer.words().uri()
              + " itself, or use the origin of that"
              + " redirect in the federation document.");
    } else if (status >= 500 || status == 429) {
      String seen = from + status + waiting(answer) + words(answer);
      checks.found(check, side.inTrouble(status), seen, later(answer));
    } else if (status != OK) {
      checks.found(check, side.malformed(), from + status + words(answer), statusRemedy(status));
    } else if (isPage(answer)) {
      checks.found(
          check,
          side.malformed(),
          from + "200 with a web page (" + type(answer) + ")",
          "Exempt that URL from the login page, filter or default page that answers in place of"
              + " the "
              + side.noun()
              + ".");
    } else {
      accepted(answer, uri, check);
      return Optional.of(answer);
    }
    return Optional.empty();
  }

  private void accepted(Response answer, URI uri, DoctorCheck check) {
    String seen = answer.words().uri() + ", " + answer.body().length + " bytes";
    if (!answer.words().uri().equals(uri)) {
      checks.found(
          check,
          Defect.REDIRECT_FOLLOWED,
          uri + " redirects to " + answer.words().uri(),
          "Have the document served without a redirect: each fetch takes two requests.");
    } else if (!type(answer).contains("json")) {
      checks.found(
          check,
          Defect.CONTENT_TYPE_UNUSUAL,
          seen + " with the content type " + type(answer),
          "Have it served as application/json: the broker reads it, other verifiers may not.");
    } else {
      checks.passed(check, seen);
    }
  }

  /** Whether the body begins as HTML or XML, whatever its type says. */
  static boolean isPage(Response answer) {
    for (byte b : answer.body()) {
      if (b > ' ') {
        return b == '<';
      }
    }
    return false;
  }

  /** The media type, in lower case; "none" where there is none. */
  static String type(Response answer) {
    return answer.mediaType().isEmpty() ? "none" : answer.mediaType();
  }

  static String waiting(Response answer) {
    Duration wait = answer.times().retryAfter();
    return wait == null ? "" : " and Retry-After " + wait.toSeconds() + " s";
  }

  /** What the peer says about its error. */
  static String words(Response answer) {
    List<String> notes = AnswerText.notes("", answer.words());
    return notes.stream().skip(1).map(". "::concat).collect(Collectors.joining());
  }

  /** What to do after a status that reports trouble. */
  String later(Response answer) {
    if (answer.status() == 429) {
      return "Raise the limit of requests for this machine at the " + side.noun() + ".";
    }
    return "Look into the log of the "
        + side.noun()
        + ", or of the proxy in front of it: the status comes from there.";
  }

  private String statusRemedy(int status) {
    return switch (status) {
      case 401, 403 -> "Let that URL be read without authentication: the broker sends none.";
      case 404, 410 ->
          "Compare the URL with what the " + side.noun() + " publishes: nothing is served there.";
      default -> "Have the " + side.noun() + " answer GET at that URL with 200.";
    };
  }

  /** What to do where no complete response came. */
  String remedy(URI uri, FetchFailure kind) {
    boolean unconnected = kind == FetchFailure.UNREACHABLE || kind == FetchFailure.TIMED_OUT;
    if (kind == FetchFailure.PROXY_FAILED || (unconnected && probes.proxyTo(uri).isPresent())) {
      return "Have the proxy of token-broker.upstream.proxy run, and let it connect to that host.";
    }
    return switch (kind) {
      case UNREACHABLE, PROXY_FAILED, TLS_FAILED ->
          "Look into the log of the server, or of the proxy in front of it: it ends the"
              + " connection.";
      case TIMED_OUT -> "Look at the load of the server: it accepts connections and says nothing.";
      case SERVER_ERROR, OVERLOADED -> "Run doctor again.";
      case TLS_CERTIFICATE_INVALID ->
          "Have the server show a certificate that is valid now and names that host.";
      case TLS_CLIENT_CERTIFICATE_WANTED -> TlsFindings.giveCertificate(tls);
      case TLS_UNTRUSTED ->
          "Add the root of that certificate to the trust store of the TLS configuration.";
      case TLS_NOT_CONFIGURED -> "Set the TLS configuration " + tls + ".";
      case ADDRESS_REFUSED -> "Use https, and a host that the broker may call.";
      case TOO_LARGE -> "Have it send at most 256 KiB.";
      case REDIRECTED, ACCESS_REFUSED, BAD_STATUS, MALFORMED ->
          "Have the server answer with plain HTTP/1.1 and no content encoding.";
    };
  }
}
