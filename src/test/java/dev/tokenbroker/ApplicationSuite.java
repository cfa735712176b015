package dev.tokenbroker;

import org.junit.platform.suite.api.IncludeClassNamePatterns;
import org.junit.platform.suite.api.SelectPackages;
import org.junit.platform.suite.api.Suite;

/**
 * Runs each test with a running application, a {@code @QuarkusTest} named {@code *LiveTest}, in one
 * process. Surefire hands classes to processes one by one, and Quarkus would start an application
 * for each; a suite starts one for each group of settings.
 */
@Suite
@SelectPackages("dev.tokenbroker")
@IncludeClassNamePatterns(".*LiveTest")
class ApplicationSuite {}
