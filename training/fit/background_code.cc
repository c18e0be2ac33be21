// Lines of source code in many languages. Written for this purpose; no line of any project.
#include "training/fit/background_texts.h"

namespace logsieve {

const std::string_view kBackgroundCode = R"text(
for (int i = 0; i < width; ++i) total += cells[i] * weights[i];
if (head == nullptr) return false;
static const char* const kNames[] = {"red", "green", "blue"};
std::vector<double> smooth(const std::vector<double>& values, double alpha) {
template <typename Iterator> void reverse_range(Iterator first, Iterator last) {
auto found = std::find_if(shapes.begin(), shapes.end(), [&](const Shape& s) { return s.area() > limit; });
std::cout << "The answer is " << answer << std::endl;
class Circle : public Shape {
virtual double area() const override { return kPi * radius_ * radius_; }
#include <algorithm>
#include "geometry/point.h"
#define MAX_DEPTH 32
typedef struct node { struct node *next; int value; } node_t;
while ((c = getchar()) != EOF && c != '\n') buffer[length++] = c;
free(list->items);
return a->weight < b->weight ? -1 : a->weight > b->weight;
printf("%d bottles of lemonade\n", bottles);
memcpy(target + offset, source, count * sizeof(*source));
unsigned int hash = 5381; while (*s) hash = hash * 33 + *s++;
switch (key) { case 'q': quit(); break; default: move(key); }
namespace fs = std::filesystem;
std::unique_ptr<Tree> left, right;
constexpr int square(int x) { return x * x; }
delete[] matrix;
assert(index < size());
int main(int argc, char **argv) {
enum Color { kRed, kGreen, kBlue };
goto done;
const auto [key, value] = *map.begin();
extern "C" void draw_triangle(float *vertices, int count);
def average(numbers):
return sum(numbers) / len(numbers)
for name, price in sorted(menu.items(), key=lambda pair: pair[1]):
import itertools
from collections import defaultdict
with open(filename, "rb") as f:
class Garden(object):
def __init__(self, rows, columns):
self.rows = rows
if not isinstance(other, Vector):
raise TypeError("can only add vectors")
squares = [n * n for n in range(10) if n % 2]
print(f"{name} has {count} apples")
@property
try:
except KeyError:
words = text.lower().split()
yield from walk(node.children)
return {k: v for k, v in pairs if v is not None}
matrix = np.zeros((rows, columns), dtype=np.float32)
assert fibonacci(10) == 55
x, y = y, x + y
parser.add_argument("--colour", default="blue", help="colour of the roof")
if __name__ == "__main__":
lines = [line.strip() for line in handle if not line.startswith("#")]
async def fetch(session, page):
self._cache = {}
elif op == "+":
while stack and stack[-1] != opening:
plt.plot(xs, ys, label="temperature")
df = df.groupby("species").mean().reset_index()
global counter
lambda x: x ** 2 + 1
const total = basket.reduce((sum, item) => sum + item.price, 0);
document.getElementById("menu").addEventListener("click", toggle);
export default function Button({ label, onClick }) {
let result = await loadPicture(name);
if (typeof callback === "function") callback(null, data);
var self = this;
module.exports = { add, subtract };
import React, { useState } from "react";
return items.filter(item => item.done).map(item => item.title);
const [open, setOpen] = useState(false);
function shuffle(cards) {
for (let i = cards.length - 1; i > 0; i--) {
console.log(`hello ${name}`);
setTimeout(() => tick(), 1000);
interface Animal { name: string; legs: number; }
type Pair<A, B> = { first: A; second: B };
private readonly colours: string[] = [];
$(".panel").slideToggle(200);
new Promise((resolve, reject) => canvas.toBlob(resolve));
Object.keys(scores).forEach(k => { scores[k] *= 2; });
public static void main(String[] args) {
private final Map<String, Integer> ages = new HashMap<>();
System.out.println("Hello, " + name + "!");
public class Rectangle extends Shape implements Comparable<Rectangle> {
return this.width * this.height;
List<String> names = people.stream().map(Person::getName).collect(Collectors.toList());
@Override public int hashCode() { return 31 * width + height; }
throw new IllegalArgumentException("radius must be positive");
import java.util.ArrayList;
package com.garden.tools;
protected void onCreate(Bundle savedInstanceState) {
if (obj instanceof Circle) { Circle c = (Circle) obj; }
synchronized (lock) { queue.add(item); }
for (String word : sentence.split(" ")) {
int[][] board = new int[8][8];
public string Title { get; set; }
using System.Linq;
var query = from b in books where b.Pages > 300 select b.Title;
foreach (var fish in aquarium) Console.WriteLine(fish.Name);
public async Task<IActionResult> Details(int? id)
namespace Bakery.Models;
fn largest<T: PartialOrd>(list: &[T]) -> &T {
let mut guess = String::new();
match shape { Shape::Circle(r) => 3.14 * r * r, _ => 0.0 }
impl Iterator for Countdown {
use std::collections::HashMap;
pub struct Point { pub x: f64, pub y: f64 }
let evens: Vec<i32> = numbers.iter().filter(|n| *n % 2 == 0).cloned().collect();
#[derive(Debug, Clone)]
println!("{} + {} = {}", a, b, a + b);
Some(value) => value,
func (s *Stack) Push(v int) { s.items = append(s.items, v) }
if err != nil { return nil, err }
package main
import "strings"
defer file.Close()
for i, word := range words {
type Animal interface { Sound() string }
go func() { results <- compute(n) }()
ch := make(chan int, 10)
fmt.Println("area:", rect.Area())
func greet(_ name: String) -> String {
let sorted = names.sorted { $0.count < $1.count }
guard let image = UIImage(named: "leaf") else { return }
override func viewDidLoad() {
val total = prices.filter { it > 0 }.sumOf { it }
data class Book(val title: String, val pages: Int)
fun factorial(n: Int): Int = if (n < 2) 1 else n * factorial(n - 1)
object Main extends App { val xs = List(1, 2, 3).map(_ * 2) }
case class Leaf(value: Int) extends Tree
def each; @items.each { |item| yield item }; end
puts "Hello, #{name}"
attr_accessor :title, :author
require 'set'
my ($first, @rest) = @_;
print join(", ", map { $_ * 2 } grep { $_ > 3 } @numbers), "\n";
$text =~ s/\s+/ /g;
use strict; use warnings;
foreach my $key (sort keys %ages) {
sub max { my $m = shift; for (@_) { $m = $_ if $_ > $m } return $m }
<?php echo htmlspecialchars($title); ?>
$colours = array_map('strtoupper', ['red', 'blue']);
public function index(Request $request) { return view('home'); }
if (isset($_POST['name'])) { $name = trim($_POST['name']); }
quicksort (p:xs) = quicksort [x | x <- xs, x < p] ++ [p] ++ quicksort [x | x <- xs, x >= p]
data Tree a = Leaf | Node (Tree a) a (Tree a)
main = interact $ unlines . map reverse . lines
(define (square x) (* x x))
(let ((x 1) (y 2)) (+ x y))
(defn add [a b] (+ a b))
let rec sum = function [] -> 0 | x :: xs -> x + sum xs
local t = setmetatable({}, { __index = base })
function love.draw() love.graphics.circle("fill", x, y, 20) end
x <- rnorm(100, mean = 5, sd = 2)
ggplot(flowers, aes(x = petal, y = sepal)) + geom_point()
A = zeros(3, 3); b = A \ [1; 2; 3];
if [ -z "$name" ]; then name=world; fi
for f in *.txt; do mv "$f" "${f%.txt}.md"; done
grep -v '^#' words.txt | sort | uniq -c | sort -rn | head
export PATH="$HOME/bin:$PATH"
echo "Hello, $1"
while read -r line; do count=$((count + 1)); done < poem.txt
find . -name '*.jpg' -size +1M -exec convert {} -resize 50% {} \;
tar czf garden.tar.gz garden/
all: main.o tree.o
	$(CC) $(CFLAGS) -o $@ $^
add_executable(garden main.cpp tree.cpp)
SELECT title, COUNT(*) FROM books GROUP BY title HAVING COUNT(*) > 1;
CREATE TABLE flowers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, height REAL);
INSERT INTO fruits (name, colour) VALUES ('apple', 'red'), ('plum', 'purple');
UPDATE members SET age = age + 1 WHERE birthday = CURRENT_DATE;
ALTER TABLE poems ADD COLUMN author TEXT;
SELECT a.name, b.city FROM people a LEFT JOIN towns b ON a.town_id = b.id ORDER BY 1;
<div class="card"><h2>Our garden</h2><p>Open all year.</p></div>
<a href="about.html">About us</a>
<ul><li>Apples</li><li>Pears</li></ul>
<input type="text" name="city" placeholder="Your city">
<!DOCTYPE html>
<meta name="viewport" content="width=device-width, initial-scale=1">
<script src="menu.js"></script>
<book id="7"><title>Gardens</title><price>12.50</price></book>
body { margin: 0; font-family: Georgia, serif; color: #333; }
.card:hover { transform: scale(1.05); box-shadow: 0 2px 8px rgba(0, 0, 0, 0.2); }
@media (max-width: 600px) { .menu { display: none; } }
\begin{theorem} Every bounded sequence has a convergent subsequence. \end{theorem}
\section{Introduction} \label{sec:intro}
mov eax, [ebp+8]
add rsp, 16
jne .loop
call printf
xor ecx, ecx
ldr r0, [r1, #4]
always @(posedge clk) q <= d;
process (clk) begin if rising_edge(clk) then q <= d; end if; end process;
PROGRAM HELLO
      DO 10 I = 1, N
IDENTIFICATION DIVISION.
MOVE ZERO TO WS-TOTAL.
BEGIN WriteLn('Hello'); END.
For Each cell In Range("A1:A10"): cell.Value = cell.Value * 2: Next
Dim total As Integer = 0
uniform mat4 projection; void main() { gl_Position = projection * vec4(position, 1.0); }
vec3 colour = texture2D(image, uv).rgb * brightness;
result := make([]string, 0, len(input))
else if (temperature < 0) { state = FROZEN; }
// returns the index of the first match, or -1
/* rotate the picture by ninety degrees */
# convert from miles to kilometres
"""Return the greatest common divisor of a and b."""
-- the oldest member of each team
int gcd(int a, int b) { return b == 0 ? a : gcd(b, a % b); }
node->next = head; head = node;
return cache.get(key) or compute(key)
self.assertEqual(stack.pop(), 3)
EXPECT_NEAR(distance(a, b), 5.0, 1e-9);
it("adds two numbers", () => { expect(add(1, 2)).toBe(3); });
public void testEmptyList() { assertTrue(list.isEmpty()); }
const int kBoardSize = 8;
char *copy = strdup(name);
size_t n = strlen(word);
if (!strcmp(argv[1], "--help")) usage();
struct Matrix { float m[16]; };
operator bool() const { return ptr_ != nullptr; }
void swap(int *a, int *b) { int t = *a; *a = *b; *b = t; }
bool is_prime(int n) { for (int d = 2; d * d <= n; d++) if (n % d == 0) return false; return n > 1; }
result = {word: len(word) for word in words}
def setUp(self): self.tree = Tree()
return max(a, b) if a != b else None
pixels[y * width + x] = blend(pixels[y * width + x], colour);
button.setOnClickListener(v -> finish());
window.addEventListener('resize', () => { camera.aspect = innerWidth / innerHeight; });
String reversed = new StringBuilder(word).reverse().toString();
double area = Math.PI * Math.pow(radius, 2);
private int count = 0;
public int getAge() { return age; }
import numpy as np
from math import sqrt, pi
const fs = require('fs');
)text";

}  // namespace logsieve
