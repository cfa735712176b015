package dev.tokenbroker.drill;

import dev.tokenbroker.peers.http.FakeServer.Reply;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Errors of upstreams in the forms of many services, of which only operators see the words. */
final class AnswerFaults {

  private AnswerFaults() {}

  static List<Fault> all() {
    return Stream.concat(rows(), challenges()).toList();
  }

  private static Stream<Fault> rows() {
    return Stream.of(
        row(
            "of Google with a nested error",
            403,
            "application/json",
            "{'error':{'code':403,'message':'no role tokenCreator','status':'PERMISSION_DENIED'}}",
            "Its error.message is: no role tokenCreator",
            "Remedy by these words: give"),
        row(
            "of Google's STS",
            400,
            "application/json",
            "{'error':'invalid_grant','error_description':'no trust for iss'}",
            "no trust for iss"),
        row(
            "of AWS in XML",
            400,
            "text/xml",
            "<ErrorResponse"
                + " xmlns='https://sts'><Error><Type>Sender</Type><Code>ExpiredTokenException</Code><Message>Token"
                + " expired</Message></Error></ErrorResponse>",
            "Its Code is: ExpiredTokenException",
            "compare the peer's clock"),
        row(
            "of AWS in JSON",
            400,
            "application/x-amz-json-1.1",
            "{'__type':'AccessDeniedException','Message':'not authorized to perform'}",
            "Its Message is: not authorized to perform"),
        row(
            "of Entra ID",
            401,
            "application/json",
            "{'error':'invalid_client','error_description':'AADSTS7000222: secret keys are"
                + " expired','error_codes':[7000222],'trace_id':'0f8fad5b-d9cb-469f-a165-70867728950e'}",
            "Its error_codes.0 is: 7000222",
            "0f8fad5b-d9cb-469f-a165-70867728950e",
            "renew the broker's secret"),
        row(
            "of Okta",
            403,
            "application/json",
            "{'errorCode':'E0000006','errorSummary':'no"
                + " permission','errorCauses':[{'errorSummary':'app is off'}]}",
            "Its errorCode is: E0000006",
            "app is off"),
        row(
            "of Auth0",
            403,
            "application/json",
            "{'error':'Forbidden','message':'client is not enabled'}",
            "client is not enabled"),
        row(
            "of Ping",
            400,
            "application/json",
            "{'code':'INVALID_DATA','details':[{'code':'INVALID_VALUE','message':'bad audience'}]}",
            "Its details.0.message is: bad audience"),
        row(
            "of Keycloak",
            400,
            "application/json",
            "{'errorMessage':'client disabled'}",
            "Its errorMessage is: client disabled"),
        row(
            "of Vault",
            400,
            "application/json",
            "{'errors':['permission missing']}",
            "Its errors.0 is: permission missing"),
        row(
            "of GitHub",
            401,
            "application/json",
            "{'message':'Bad credentials','documentation_url':'https://docs.example/rest'}",
            "Its message is: Bad credentials",
            "https://docs.example/rest"),
        row(
            "of GitLab",
            400,
            "application/json",
            "{'message':{'base':['scope is unknown'],'error':['no project']}}",
            "Its message.error.0 is: no project"),
        row(
            "of Kubernetes",
            403,
            "application/json",
            "{'kind':'Status','status':'Failure','message':'serviceaccounts is"
                + " forbidden','reason':'Forbidden','code':403}",
            "Its message is: serviceaccounts is forbidden"),
        row(
            "of Salesforce",
            400,
            "application/json",
            "[{'message':'Session is gone','errorCode':'INVALID_SESSION_ID'}]",
            "Its 0.errorCode is: INVALID_SESSION_ID"),
        row(
            "of Apigee",
            400,
            "application/json",
            "{'fault':{'faultstring':'bad key','detail':{'errorcode':'oauth.v2.X'}}}",
            "Its fault.detail.errorcode is: oauth.v2.X"),
        row(
            "of SPIRE",
            500,
            "application/json",
            "{'code':13,'message':'no signing authority','details':[]}",
            "no signing authority"),
        row(
            "with problem details",
            400,
            "application/problem+json",
            "{'type':'https://p.example/limit','title':'Not here','detail':'audience is"
                + " off','instance':'/x/1'}",
            "Its detail is: audience is off",
            "Its title is: Not here"),
        row(
            "with JSON:API",
            400,
            "application/vnd.api+json",
            "{'errors':[{'status':'400','title':'No such thing','source':{'pointer':'/data'}}]}",
            "Its errors.0.title is: No such thing"),
        row(
            "with GraphQL",
            400,
            "application/json",
            "{'errors':[{'extensions':{'code':'BAD_USER'}}]}",
            "Its errors.0.extensions.code is: BAD_USER"),
        row(
            "with SOAP",
            500,
            "text/xml",
            "<s:Envelope><s:Body><s:Fault><faultcode>s:Client</faultcode><faultstring>No such"
                + " user</faultstring></s:Fault></s:Body></s:Envelope>",
            "Its faultstring is: No such user"),
        row(
            "with plain text",
            400,
            "text/plain",
            "no such audience here",
            "Its text is: no such audience here"),
        row(
            "with a form",
            400,
            "application/x-www-form-urlencoded",
            "error=bad_code&error_description=no+such%20thing",
            "Its error_description is: no such thing"),
        row(
            "with lines of JSON",
            400,
            "application/x-ndjson",
            "{'level':'info'}\n{'error':'second line'}",
            "Its error is: second line"),
        row(
            "with half of an error",
            400,
            "application/json",
            "{'error':'cut off','err",
            "Its error is: cut off"),
        row(
            "with a byte order mark",
            400,
            "application/json",
            "\uFEFF{'message':'marked'}",
            "Its message is: marked"),
        row("with a JSON string", 400, "application/json", "'just a string'", "just a string"),
        row(
            "with members of its own",
            400,
            "application/json",
            "{'huh':'what','wat':7}",
            "Its text is: "),
        row(
            "with deep nesting",
            400,
            "application/json",
            "{'a':{'a':{'a':{'a':{'a':{'a':{'a':{'error':'deep'}}}}}}}}",
            "400"),
        row(
            "with entities",
            400,
            "application/xml",
            "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><Code>&b;</Code>",
            "Its Code is: &b;"),
        row("with control characters", 400, "text/plain", "a\u202Eb\u0085c", "\\u202E", "\\u0085"),
        row(
            "with binary data",
            400,
            "application/octet-stream",
            "\u0001\u0002\u0003",
            "Its body is 3 bytes"),
        row(
            "of nginx",
            502,
            "text/html",
            "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body></body></html>",
            "Its title is: 502 Bad Gateway"),
        row(
            "of Cloudflare",
            403,
            "text/html",
            "<!DOCTYPE html><html class=no-js><title>Attention Required! | Cloudflare</title>",
            "Attention Required!",
            "exempt the address"),
        row(
            "with a login page",
            200,
            "text/html",
            "<html><title>Sign in</title><input name='session' value='opaque-token-of-a-session'>",
            "Its title is: Sign in"),
        row(
            "that repeats our secret",
            400,
            "application/json",
            "{'message':'bad secret SECRET here'}",
            "Its message is: bad secret (sent by the broker) here"),
        row(
            "that repeats our secret percent-encoded",
            400,
            "text/plain",
            "got s3cr3t%2Dof%2Dthe%2Dbroker",
            "got (sent by the broker)"),
        row(
            "that repeats our secret in base64",
            400,
            "text/plain",
            "got YnJva2VyOnMzY3IzdC1vZi10aGUtYnJva2Vy",
            "got (sent by the broker)"),
        row(
            "that repeats a piece of our secret",
            400,
            "text/plain",
            "begins with s3cr3t-of",
            "begins with (sent by the broker)"));
  }

  private static Stream<Fault> challenges() {
    String challenge = "Bearer error=\"invalid_token\", error_description=\"is gone\"";
    return Stream.of(
        judged("with a challenge", 401, Map.of("WWW-Authenticate", challenge), "")
            .seen("Its WWW-Authenticate is: Bearer error=", "is gone"),
        judged("of gRPC-Web", 403, Map.of("grpc-status", "7", "grpc-message", "no grant"), "")
            .seen("Its grpc-status is: 7", "Its grpc-message is: no grant"),
        judged("that asks for a day", 503, Map.of("Retry-After", "86400"), "")
            .seen("Retry-After 86400 s"));
  }

  private static Fault row(String name, int status, String type, String body, String... seen) {
    String sent = body.replace('\'', '"').replace("SECRET", Scene.SECRET);
    return judged(name, status, Map.of("Content-Type", type), sent)
        .seen("The token endpoint ORIGIN/token answered status " + status, type)
        .seen(seen);
  }

  private static Fault judged(String name, int status, Map<String, String> headers, String body) {
    Fault fault =
        Fault.of("an error " + name, scene -> scene.upstream(Reply.of(status, headers, body)))
            .nowhere(
                Scene.SECRET, "s3cr3t%2Dof", "s3cr3t-of", "YnJva2VyOnMzY3IzdC1vZi10aGUtYnJva2Vy");
    boolean page = "text/html".equals(headers.get("Content-Type"));
    if (body.contains("invalid_grant")) {
      return fault.caller("UPSTREAM_CREDENTIAL_REFUSED");
    }
    if (status < 500 && page) {
      return fault.upstream("UPSTREAM_ANSWER_MALFORMED").log("Upstream SLUG fails: ");
    }
    return switch (status) {
      case 400 -> fault.operator("UPSTREAM_REQUEST_REFUSED").log("Upstream SLUG refuses ");
      case 401 -> fault.operator("UPSTREAM_CLIENT_REFUSED").log("Upstream SLUG fails: ");
      case 403 -> fault.operator("UPSTREAM_NOT_PERMITTED").log("Upstream SLUG refuses ");
      default -> fault.upstream("UPSTREAM_UNAVAILABLE").log("Upstream SLUG fails: ");
    };
  }
}
