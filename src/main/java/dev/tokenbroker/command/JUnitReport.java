package dev.tokenbroker.command;

import dev.tokenbroker.rehearsal.CaseReport;
import dev.tokenbroker.rehearsal.CaseReport.Pair;
import dev.tokenbroker.rehearsal.Judgement;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** Writes results in the XML of JUnit, which CI systems read: one suite for each file. */
final class JUnitReport {

  private final XMLStreamWriter xml;

  private JUnitReport(XMLStreamWriter xml) {
    this.xml = xml;
  }

  static void write(List<CaseReport> reports, OutputStream out) throws XMLStreamException {
    XMLStreamWriter writer =
        XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(out, "UTF-8");
    new JUnitReport(writer).write(reports);
    writer.close();
  }

  private void write(List<CaseReport> reports) throws XMLStreamException {
    xml.writeStartDocument("UTF-8", "1.0");
    xml.writeStartElement("testsuites");
    xml.writeAttribute("name", Commands.NAME);
    counts(
        reports.stream().mapToInt(report -> report.pairs().size()).sum(),
        reports.stream().mapToInt(report -> report.failed().size()).sum());
    for (CaseReport report : reports) {
      xml.writeStartElement("testsuite");
      attribute("name", report.file());
      counts(report.pairs().size(), report.failed().size());
      for (Pair pair : report.pairs()) {
        testCase(report.file(), pair);
      }
      xml.writeEndElement();
    }
    xml.writeEndElement();
    xml.writeEndDocument();
  }

  private void counts(int tests, int failures) throws XMLStreamException {
    xml.writeAttribute("tests", "" + tests);
    xml.writeAttribute("failures", "" + failures);
    xml.writeAttribute("errors", "0");
    xml.writeAttribute("skipped", "0");
    xml.writeAttribute("time", "0");
  }

  private void testCase(String file, Pair pair) throws XMLStreamException {
    xml.writeStartElement("testcase");
    attribute("classname", file);
    attribute("name", pair.testCase() + ": " + pair.identity() + " → " + pair.audience());
    attribute("line", "" + pair.line());
    attribute("time", "0");
    if (!pair.passed()) {
      String differences =
          pair.differences().stream()
              .map(one -> one.what() + ": expected " + one.expected() + ", got " + one.got())
              .collect(Collectors.joining("; "));
      xml.writeStartElement("failure");
      attribute("type", "difference");
      attribute("message", differences);
      if (pair.judgement() instanceof Judgement.Denied denied) {
        xml.writeCharacters(printable(details(denied)));
      }
      xml.writeEndElement();
    }
    xml.writeEndElement();
  }

  private static String details(Judgement.Denied denied) {
    List<String> details = new ArrayList<>();
    details.add(denied.step().label() + ": " + denied.seen());
    details.addAll(denied.notes());
    details.addAll(denied.hints());
    return String.join("; ", details);
  }

  private void attribute(String name, String value) throws XMLStreamException {
    xml.writeAttribute(name, printable(value));
  }

  /** XML 1.0 has no form for control characters, so they are shown as a question mark. */
  private static String printable(String text) {
    return text.codePoints()
        .map(c -> Character.isISOControl(c) || isLone(c) ? '?' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static boolean isLone(int codePoint) {
    return Character.getType(codePoint) == Character.SURROGATE || (codePoint & 0xFFFE) == 0xFFFE;
  }
}
