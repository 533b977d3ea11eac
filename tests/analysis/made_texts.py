# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what ab, owping and /proc print."""

AB = """This is ApacheBench, Version 2.3 <$Revision: 1903618 $>
Copyright 1996 Adam Twiss, Zeus Technology Ltd, http://www.zeustech.net/
Licensed to The Apache Software Foundation, http://www.apache.org/

Benchmarking {host} (be patient).....done


Server Software:        
Server Hostname:        {host}
Server Port:            8080

Document Path:          /file
Document Length:        {body} bytes

Concurrency Level:      1
Time taken for tests:   2.000 seconds
Complete requests:      {complete}
Failed requests:        0
Total transferred:      {transferred} bytes
HTML transferred:       {html} bytes
Requests per second:    {rate:.2f} [#/sec] (mean)
Time per request:       25.000 [ms] (mean)
Time per request:       25.000 [ms] (mean, across all concurrent requests)
Transfer rate:          100.00 [Kbytes/sec] received

Connection Times (ms)
              min  mean[+/-sd] median   max
Connect:        0    0   0.0      0       0
Processing:    10   10   1.0     10      {longest}
Waiting:       10   10   1.0     10      {longest}
Total:         10   10   1.0     10      {longest}

Percentage of the requests served within a certain time (ms)
  50%     10
  66%     10
  75%     10
  80%     10
  90%     10
  95%     10
  98%     10
  99%     10
 100%     {longest} (longest request)
"""


def ab_text(host, complete, body, rate, longest):
    return AB.format(host=host, complete=complete, body=body, transferred=complete * (body + 200),
                     html=complete * body, rate=rate, longest=longest)


def ab_csv(longest):
    rows = "".join(f"{percent},{longest + 0.25 if percent == 100 else 10.5:.3f}\n" for percent in range(101))
    return "Percentage served,Time in ms\n" + rows


def ab_tsv(complete, longest):
    row = "Fri Jul 14 02:40:00 2017\t1500000000\t0\t{0}\t{0}\t{0}\n"
    return "starttime\tseconds\tctime\tdtime\tttime\twait\n" + row.format(10) * (complete - 1) + row.format(longest)


SESSION = """
--- owping statistics from [{sender}]:9001 to [{receiver}]:9002 ---
SID:	0a000001eeadd2c9b10afe60da05b99d
first:	2017-07-14T02:40:00.000
last:	2017-07-14T02:40:01.000
100 sent, 0 lost (0.000%), 0 duplicates
one-way delay min/median/max = 0.1/0.2/1.5 ms, (unsync)
one-way jitter = {jitter:g} ms (P95-P50)
hops = 0 (consistently)
no reordering
"""


def owping(client, server, to_server, to_client):
    return ("Approximately 3.3 seconds until results available\n"
            + SESSION.format(sender=client, receiver=server, jitter=to_server)
            + SESSION.format(sender=server, receiver=client, jitter=to_client))


def counters(context_switches, complete):
    """Contents of before.* and after.* files: the start, and the start plus what one run adds."""
    def stat(added):
        return (f"cpu  1 2 3 4\nintr {5000 + 20 * added} 1 2\nctxt {9000 + context_switches * added}\n"
                f"btime 1500000000\nprocesses {700 + added}\nsoftirq {300 + 30 * added} 1 2\n")

    def disks(added):
        # A read of 8 sectors and two writes of 8 sectors each for every request; the partition repeats its disk.
        line = f"{10 + added} 0 {80 + 8 * added} 5 {20 + 2 * added} 0 {160 + 16 * added} 5 0 5 5\n"
        return "   8       0 sda " + line + "   8       1 sda1 " + line

    def memory(added):
        return f"pgpgin {4 * added}\npgpgout {8 * added}\npgfault {1000 + 50 * added}\npgmajfault 3\n"

    files = {"stat": stat, "diskstats": disks, "vmstat": memory}
    return {f"{when}.{name}": make(added) for name, make in files.items()
            for when, added in (("before", 0), ("after", complete))}
